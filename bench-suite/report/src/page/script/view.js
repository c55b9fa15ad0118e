// What is looked at is in the address: #w2-latency?map=papaya&zoom=w2-heap:1000:5000 leads to a section, with a map in
// colour in every chart and a stretch of the axis of one.
const chosen = new Map();
// By the anchors of charts: their stretches, and what shows a stretch.
const [stretches, zooms] = [new Map(), new Map()];
const addressed = () => {
  const [anchor, rest] = location.hash.slice(1).split("?");
  return [decodeURIComponent(anchor), new URLSearchParams(rest ?? "")];
};
const remember = (anchor) => {
  const asked = new URLSearchParams();
  for (const [map, isOn] of chosen) asked.append(isOn ? "map" : "not", map);
  for (const [chart, ends] of stretches) asked.append("zoom", [chart, ...ends].join(":"));
  const rest = asked.toString().replaceAll("%3A", ":");
  const hash = "#" + (anchor ?? addressed()[0]) + (rest ? "?" + rest : "");
  if (hash !== (location.hash || "#")) history.replaceState(history.state, "", hash === "#" ? location.pathname : hash);
};
// In colour, or not, in every chart of the page.
const colour = (map, isOn) => {
  for (const one of document.querySelectorAll(".s[data-name]")) {
    if (one.dataset.name === map) one.classList.toggle("highlighted", isOn);
  }
};
const choose = (series) => {
  const map = series.dataset.name;
  const isOn = !series.classList.contains("highlighted");
  chosen.delete(map);
  if (isOn !== series.hasAttribute("data-first")) chosen.set(map, isOn);
  colour(map, isOn);
  remember();
};
for (const one of document.querySelectorAll(".s.highlighted")) one.dataset.first = "";

// A link leads into what is folded.
const reveal = () => {
  const [anchor, asked] = addressed();
  for (const [key, value] of asked) {
    if (key === "zoom") {
      const [chart, ...ends] = value.split(":");
      zooms.get(chart)?.(...ends.map(Number));
    } else {
      chosen.set(value, key === "map");
      colour(value, key === "map");
    }
  }
  const at = document.getElementById(anchor);
  if (!at) return;
  const inner = at.querySelector(":scope > details.fold");
  if (inner) inner.open = true;
  for (let around = at; around; around = around.parentElement) if (around.localName === "details") around.open = true;
  at.scrollIntoView();
};
addEventListener("hashchange", reveal);
// What somebody opens becomes the address.
for (const fold of document.querySelectorAll("details.fold")) {
  fold.querySelector("summary").addEventListener("click", () => {
    if (!fold.open && fold.parentElement.id) remember(fold.parentElement.id);
  });
}
