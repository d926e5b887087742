/** Loaded into a program before all else (`node --import`): its wall clock is ahead by SHIFT_SECONDS, as on another machine. */
const shiftMs = Number(process.env["SHIFT_SECONDS"]) * 1000;
const trueNow = Date.now.bind(Date);

Date.now = () => trueNow() + shiftMs;
