"use strict";
// Reading aids only: the page says everything without them.
// This file: figures in words, the axes of a chart, and the box in which figures are read.
const significant = (v) => (v >= 99.95 ? v.toFixed(0) : v >= 9.995 ? v.toFixed(1) : v.toFixed(2));
const scaled = (v, step, units) => {
  let unit = 0;
  while (Math.abs(v) >= step * 0.9995 && unit + 1 < units.length) { v /= step; unit++; }
  return ((unit === 0 && Number.isInteger(v) ? v.toFixed(0) : significant(v)) + " " + units[unit]).trim();
};
const text = {
  nanos: (v) => scaled(v, 1000, ["ns", "µs", "ms", "s"]),
  bytes: (v) => scaled(v, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]),
  count: (v) => scaled(v, 1000, ["", "k", "M", "G"]),
  share: (v) => (v * 100).toFixed(1) + " %",
  quantile: (v) => (100 * (1 - 1 / v)).toFixed(Math.max(0, Math.ceil(Math.log10(v)) - 1)) + " %",
};
// "kind low high from to unit", as written by the page.
const axis = (spec) => {
  const [kind, low, high, from, to, unit] = spec.split(" ");
  const [l, h, f, t] = [low, high, from, to].map(Number);
  const isLog = kind === "log";
  return {
    low: l, high: h, from: f, to: t, isLog, unit,
    at: (px) => { const share = (px - f) / (t - f); return isLog ? l * Math.pow(h / l, share) : l + (h - l) * share; },
    place: (v) => f + (t - f) * (isLog ? Math.log(v / l) / Math.log(h / l) : (v - l) / (h - l)),
    text: (v) => text[unit](v),
  };
};

const read = document.createElement("div");
read.id = "read";
read.hidden = true;
read.setAttribute("role", "status");
document.body.append(read);

// What the box says, beside a place of the window.
const tell = (head, rows, x, y) => {
  const title = document.createElement("b");
  title.textContent = head;
  read.replaceChildren(title, ...rows);
  read.hidden = false;
  read.style.left = Math.max(4, x > innerWidth / 2 ? x - read.offsetWidth - 16 : x + 16) + "px";
  read.style.top = Math.max(4, Math.min(y - 10, innerHeight - read.offsetHeight - 8)) + "px";
};
const row = (name, value, isStrong) => {
  const line = document.createElement("span");
  const label = document.createElement(isStrong ? "strong" : "i");
  label.textContent = name;
  line.append(label, value);
  return line;
};
// A place of a drawing in the window, and the other way.
const scaleOf = (svg) => svg.viewBox.baseVal.width / svg.getBoundingClientRect().width;
const inDrawing = (svg, event) => {
  const box = svg.getBoundingClientRect();
  return [(event.clientX - box.left) * scaleOf(svg), (event.clientY - box.top) * scaleOf(svg)];
};
const inWindow = (svg, x, y) => {
  const box = svg.getBoundingClientRect();
  return [box.left + x / scaleOf(svg), box.top + y / scaleOf(svg)];
};
const drawn = (svg, name, attributes) => {
  const made = document.createElementNS(svg.namespaceURI, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};
// A drawing that keys and pointers read: its title would cover the box as a tooltip, and becomes its name.
const readable = (svg, how) => {
  const title = svg.querySelector(":scope > title");
  svg.setAttribute("aria-label", title.textContent + ". " + how);
  svg.removeAttribute("aria-labelledby");
  const desc = svg.querySelector(":scope > desc");
  if (desc) svg.setAttribute("aria-describedby", desc.id);
  title.remove();
  svg.setAttribute("role", "group");
  svg.tabIndex = 0;
};
const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
