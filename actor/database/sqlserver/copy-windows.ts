/** Images are evenly spread (SHA-1): their first byte cuts a table into parts of about the same size. */
const firstBytes = 256;
const imageBytes = 20;
/** A temporary table of this size troubles no server. */
const smallWindowBytes = 1024 ** 3;
/** Each window reads the whole table: no more of them, however large the table is, so that the time grows with its size alone. */
const mostWindows = 8;

/** The image before all others, in hexadecimal. */
export const firstImage = "00".repeat(imageBytes);

/** In how many windows a table of so many bytes is copied: 1, 2, 4 or 8, so that the bounds of fewer are bounds of more. */
export function windowsFor(bytes: number): number {
  let windows = 1;
  while (windows < mostWindows && bytes > windows * smallWindowBytes) windows *= 2;
  return windows;
}

/** Where the window ends that holds this image: the image with which the next one begins; undefined: it is the last. */
export function imageAfterWindow(image: string, windows: number): string | undefined {
  const width = firstBytes / windows;
  const end = (Math.floor(Number.parseInt(image.slice(0, 2), 16) / width) + 1) * width;
  return end >= firstBytes ? undefined : Buffer.alloc(imageBytes).fill(end, 0, 1).toString("hex");
}

/** What a row of columns of these types can take: `nvarchar(10)` two bytes for each character; Infinity with one of `max`. */
export function largestRowBytes(stagedTypes: readonly string[]): number {
  return stagedTypes.reduce((sum, type) => {
    const [, name = "", length] = /^([a-z]+)(?:\((\w+)\))?/.exec(type) ?? [];
    if (length === undefined) return sum + 8;
    return sum + (length === "max" ? Infinity : Number(length) * (name === "nvarchar" ? 2 : 1));
  }, 0);
}
