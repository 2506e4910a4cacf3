// Draws the plots of a page, in the colours of its style sheet, and again when the reader changes between light and dark.
"use strict";

const NOT_PAINTED = new Set(["data", "domain", "bind", "params"]);
const styles = () => getComputedStyle(document.documentElement);

// "@name" stands for the colour --name; what comes from the warehouse is left alone.
function painted(part, style) {
  if (typeof part === "string") return part.startsWith("@") ? style.getPropertyValue("--" + part.slice(1)).trim() : part;
  if (Array.isArray(part)) return part.map((one) => painted(one, style));
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, NOT_PAINTED.has(key) ? value : painted(value, style)])
  );
}

function theme(style) {
  const colour = (name) => style.getPropertyValue("--" + name).trim();
  const text = { labelColor: colour("muted"), titleColor: colour("muted"), labelFontSize: 12, titleFontSize: 12 };
  return {
    background: "transparent",
    font: style.getPropertyValue("--font").trim(),
    view: { stroke: null },
    axis: {
      ...text, titleFontWeight: 500, titlePadding: 8, labelPadding: 6, domain: false, ticks: false,
      gridColor: colour("line"), gridOpacity: 1,
    },
    axisBand: { grid: false },
    legend: {
      ...text, symbolBaseFillColor: colour("muted"), symbolBaseStrokeColor: colour("muted"), labelColor: colour("ink"), titleFontWeight: 500, symbolStrokeWidth: 2, symbolSize: 90, padding: 0, offset: 10,
    },
    range: { category: ["series-1", "series-2", "series-3", "series-4", "series-5", "series-6", "muted"].map(colour) },
    bar: { color: colour("series-1") },
    area: { line: false },
    text: { color: colour("ink") },
  };
}

async function draw(figure) {
  const spec = JSON.parse(figure.querySelector("script").textContent);
  const style = styles();
  const view = figure.querySelector(".plot");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  figure.drawn?.finalize();
  figure.drawn = await vegaEmbed(view, painted(spec, style), {
    actions: false,
    renderer: "svg",
    bind: figure.querySelector(".choices"),
    config: theme(style),
    tooltip: { theme: dark ? "dark" : "light" },
  });
  view.querySelector("svg").setAttribute("aria-hidden", "true"); // the plot has a text of its own
}

async function drawAll() {
  document.documentElement.removeAttribute("data-drawn");
  for (const figure of document.querySelectorAll("figure.chart")) await draw(figure);
  document.documentElement.setAttribute("data-drawn", "");
}

addEventListener("DOMContentLoaded", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
