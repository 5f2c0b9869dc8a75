import { figure, headingOf } from "./rows.ts";
import type { GroupSummary, LineSummary, TopicSummary } from "./summary.ts";

const WIDTH = 800;
const LABELS = 300;
const VALUES = 110;
const ROW = 22;
const HEADING = 34;
const BARS = WIDTH - LABELS - VALUES;

/** Whoever looks at it in the dark sees it dark: an image knows the colour scheme of its reader. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .heading { font-weight: 600 }
  .label { text-anchor: end }
  .own { fill: #6c47ff }
  .floor { fill: #8c959f }
  .peer { fill: #54aeff }
  .part { fill: #b9a7ff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .own { fill: #9785ff }
    .floor { fill: #6e7681 }
    .peer { fill: #1f6feb }
    .part { fill: #5b4bb3 }
  }
`;

/** Draws a topic as bars, those of a group to one scale. */
export function chartOf({ title, groups }: TopicSummary): string {
  let y = 0;
  const parts = groups.map((group) => {
    const drawn = drawGroup(group, y);
    y += HEADING + group.lines.length * ROW;
    return drawn;
  });
  const height = y + ROW / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function drawGroup(group: GroupSummary, top: number): string {
  const longest = Math.max(...group.lines.map(({ median }) => median), Number.MIN_VALUE);
  const heading = `<text class="heading" x="0" y="${top + HEADING - 10}">${escaped(headingOf(group))}</text>`;
  const bars = group.lines.map((line, index) =>
    drawLine(line, {
      y: top + HEADING + index * ROW,
      width: Math.max(1, BARS * line.median / longest),
      unit: group.unit,
    })
  );
  return [heading, ...bars].join("\n");
}

function drawLine(line: LineSummary, { y, width, unit }: { y: number; width: number; unit: string }): string {
  const middle = y + 14;
  return [
    `<text class="label" x="${LABELS - 8}" y="${middle}">${escaped(line.label)}</text>`,
    `<rect class="${line.role}" x="${LABELS}" y="${y + 2}" width="${width.toFixed(1)}" height="${
      ROW - 6
    }" rx="2"/>`,
    `<text x="${(LABELS + width + 8).toFixed(1)}" y="${middle}">${
      escaped(`${figure(line.median)} ${unit}`)
    }</text>`,
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
