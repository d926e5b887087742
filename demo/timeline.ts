const colours = { grey: 90, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
export type Colour = keyof typeof colours;

/** What the timeline writes to; a terminal gets colours and one line that is always up to date. */
export interface TimelineOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const whoWidth = 13;

/** The story as it happens: one line per event, with the seconds since the beginning and who did it. */
export class Timeline {
  readonly #output: TimelineOutput;
  readonly #startedAtMs = performance.now();
  #live = "";

  constructor(output: TimelineOutput) {
    this.#output = output;
  }

  get seconds(): number {
    return (performance.now() - this.#startedAtMs) / 1000;
  }

  chapter(title: string): void {
    this.#line(`\n${this.#coloured("blue", `── ${title} ${"─".repeat(Math.max(3, 90 - title.length))}`)}`);
  }

  tell(who: string, text: string, colour?: Colour): void {
    const time = this.#coloured("grey", `${this.seconds.toFixed(1).padStart(6)} s`);
    const what = colour === undefined ? text : this.#coloured(colour, text);
    this.#line(`${time}  ${who.padEnd(whoWidth)} ${what}`);
  }

  /** The line at the bottom that is written over; shown on a terminal only. */
  live(text: string): void {
    if (this.#output.isTTY !== true) return;
    this.#clearLive();
    this.#live = text;
    this.#output.write(this.#coloured("grey", text));
  }

  endLive(): void {
    this.#clearLive();
    this.#live = "";
  }

  #line(text: string): void {
    this.#clearLive();
    this.#output.write(`${text}\n`);
    if (this.#live !== "") this.#output.write(this.#coloured("grey", this.#live));
  }

  #clearLive(): void {
    if (this.#live !== "") this.#output.write("\r\u001b[2K");
  }

  #coloured(colour: Colour, text: string): string {
    return this.#output.isTTY === true ? `\u001b[${String(colours[colour])}m${text}\u001b[0m` : text;
  }
}
