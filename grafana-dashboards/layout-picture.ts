import {
  type Dashboard,
  MappingType,
  type Panel,
  type RowPanel,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { escapeHtml } from "../shared/core/escape-html.js";
import type { Color } from "./value-mappings.js";

const columnPixels = 40;
const rowPixels = 22;
const gridColumns = 24;
const gapPixels = 3;
/** As wide as the letters of most fonts are at the sizes used here. */
const letterPixels = 6.4;
const titleLetterPixels = 7.8;

/** What Grafana's dark theme paints for its colour names. */
const shownColors: Readonly<Record<Color, string>> = {
  green: "#73bf69",
  yellow: "#fade2a",
  orange: "#ff9830",
  red: "#f2495c",
  blue: "#5794f2",
  purple: "#b877d9",
  text: "#9fa7b3",
  "dark-red": "#c4162a",
  "light-blue": "#8ab8ff",
};

/**
 * The panels of a dashboard where they stand, as SVG: their titles and kinds, the columns of tables, and the texts and
 * colours that values are shown with. It holds no data, so nothing in it is made up.
 */
export function drawLayout({ panels = [], title = "" }: Pick<Dashboard, "panels" | "title">): string {
  const height = Math.max(0, ...panels.map(({ gridPos }) => (gridPos?.y ?? 0) + (gridPos?.h ?? 0))) * rowPixels;
  const width = gridColumns * columnPixels;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    `<title>${escapeHtml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#111217"/>`,
    ...panels.map(drawPanel),
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel(panel: Panel | RowPanel): string {
  const { x = 0, y = 0, w = gridColumns, h = 1 } = panel.gridPos ?? {};
  const [left, top] = [x * columnPixels + gapPixels, y * rowPixels + gapPixels];
  const [width, height] = [w * columnPixels - 2 * gapPixels, h * rowPixels - 2 * gapPixels];
  const title = panel.title ?? "";
  if (panel.type === "row")
    return drawText({ left: left + 4, top: top + 13, size: 13, color: "#ccccdc" }, `▾ ${title}`);
  const letters = Math.floor((width - 16) / letterPixels);
  const lines = "targets" in panel ? detailLines(panel, letters) : [];
  const shown = lines.slice(0, Math.floor((height - 24) / 15));
  return [
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="3" fill="#181b1f" stroke="#2d3036"/>`,
    drawText(
      { left: left + 8, top: top + 16, size: 12, color: "#ccccdc" },
      cut(title, Math.floor((width - 16) / titleLetterPixels)),
    ),
    ...shown.map((pieces, index) => drawPieces(left + 8, top + 34 + 15 * index, pieces)),
  ].join("\n");
}

interface Piece {
  readonly text: string;
  readonly color: string;
}

const plain = "#7b8087";
const kinds: Readonly<Record<string, string>> = {
  stat: "one value",
  table: "table",
  timeseries: "lines over time",
  "state-timeline": "states over time",
};

/** Lines of what there is to say of a panel, each as long as there is room for. */
function detailLines(panel: Panel, letters: number): readonly (readonly Piece[])[] {
  const kind = [{ text: cut(kinds[panel.type] ?? panel.type, letters), color: plain }];
  if (panel.type !== "table") return [kind, ...wrap(meaningsOf(panel.fieldConfig?.defaults.mappings), letters)];
  const columns = columnsOf(panel).map((title) => ({ title, meanings: meaningsOf(mappingsOf(panel, title)) }));
  const names = columns.map(({ title }) => ({ text: `| ${title}`, color: shownColors.text }));
  const meanings = columns.flatMap(({ title, meanings: pieces }) =>
    pieces.length === 0 ? [] : wrap([{ text: `${title}:`, color: plain }, ...pieces], letters),
  );
  return [kind, ...wrap(names, letters), ...meanings];
}

function columnsOf(panel: Panel): readonly string[] {
  const named = (panel.transformations ?? []).map(
    ({ options }) => (options as { renameByName?: Record<string, string> }).renameByName,
  );
  return named
    .flatMap((names) => Object.values(names ?? {}))
    .filter((column) => propertyOf(panel, column, "custom.hidden") !== true);
}

function mappingsOf(panel: Panel, column: string): ValueMapping[] | undefined {
  return propertyOf(panel, column, "mappings") as ValueMapping[] | undefined;
}

function propertyOf({ fieldConfig }: Panel, column: string, property: string): unknown {
  const ofColumn = fieldConfig?.overrides.filter(({ matcher }) => matcher.options === column) ?? [];
  return ofColumn.flatMap(({ properties }) => properties).find(({ id }) => id === property)?.value;
}

function meaningsOf(mappings: readonly ValueMapping[] = []): readonly Piece[] {
  return mappings.flatMap((mapping) =>
    mapping.type === MappingType.ValueToText
      ? Object.values(mapping.options).map(({ text = "", color = "" }) => ({
          text: `■ ${text}`,
          color: shownColors[color as Color],
        }))
      : [],
  );
}

/** One after the other, on as many lines as that takes. */
function wrap(pieces: readonly Piece[], letters: number): readonly (readonly Piece[])[] {
  const lines: Piece[][] = [];
  let used = Infinity;
  for (const { text, color } of pieces) {
    const fitting = cut(text, letters);
    if (used + fitting.length > letters) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)?.push({ text: fitting, color });
    used += fitting.length + 2;
  }
  return lines;
}

function cut(text: string, letters: number): string {
  return text.length <= letters ? text : `${text.slice(0, Math.max(0, letters - 1))}…`;
}

function drawPieces(left: number, top: number, pieces: readonly Piece[]): string {
  const spans = pieces.map(({ text, color }) => `<tspan fill="${color}">${escapeHtml(text)}</tspan>`);
  return `<text x="${left}" y="${top}" font-size="11">${spans.join("  ")}</text>`;
}

interface TextPlace {
  readonly left: number;
  readonly top: number;
  readonly size: number;
  readonly color: string;
}

function drawText({ left, top, size, color }: TextPlace, text: string): string {
  return `<text x="${left}" y="${top}" font-size="${size}" font-weight="bold" fill="${color}">${escapeHtml(text)}</text>`;
}
