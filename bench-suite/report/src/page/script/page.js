// The page: tables in order of a column, the contents, what is folded, flamegraphs, what scrolls.
for (const table of document.querySelectorAll("table.compare")) {
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  heads.forEach((head, column) => {
    head.dataset.s = "";
    head.tabIndex = 0;
    head.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); head.click(); }
    });
    head.addEventListener("click", () => {
      const down = head.dataset.s !== "down";
      heads.forEach((other) => (other.dataset.s = ""));
      head.dataset.s = down ? "down" : "up";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => {
        const cell = row.cells[column];
        return column === 0 ? cell.textContent : cell.dataset.v === undefined ? NaN : Number(cell.dataset.v);
      };
      const rows = [...table.tBodies[0].rows].sort((a, b) => {
        const [p, q] = [key(a), key(b)];
        if (column === 0) return down ? p.localeCompare(q) : q.localeCompare(p);
        if (Number.isNaN(p) || Number.isNaN(q)) return Number.isNaN(p) - Number.isNaN(q);
        return down ? q - p : p - q;
      });
      table.tBodies[0].append(...rows);
    });
  });
}

const links = new Map([...document.querySelectorAll("nav a[href^='#']")].map((a) => [a.hash.slice(1), a]));
const watch = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const link of links.values()) link.classList.remove("here");
    links.get(entry.target.id)?.classList.add("here");
  }
}, { rootMargin: "-10% 0px -80% 0px" });
for (const id of links.keys()) {
  const target = document.getElementById(id);
  if (target) watch.observe(target);
}

reveal();
const folds = [...document.querySelectorAll("details.fold")];
if (folds.length > 0) {
  const unfold = document.createElement("button");
  unfold.className = "unfold";
  const name = () => { unfold.textContent = folds.every((one) => one.open) ? "Fold all" : "Unfold all"; };
  unfold.addEventListener("click", () => {
    const open = !folds.every((one) => one.open);
    for (const one of folds) one.open = open;
    name();
  });
  name();
  document.querySelector("nav .home")?.after(unfold);
}
// Flamegraphs are drawn when somebody looks at them.
for (const frame of document.querySelectorAll("iframe[data-src]")) {
  const load = () => { if (!frame.src) frame.src = frame.dataset.src; };
  frame.closest("details")?.addEventListener("toggle", load);
}
// What scrolls can be reached and scrolled by the keyboard, each by a name of its own: its load, what heads it, and which
// of the tables there it is.
const called = (box) => {
  const heads = [box.closest("article")?.querySelector("h2"), box.closest("figure, section, article")?.querySelector("h4, h3, h2")];
  const near = box.closest("figure, section, article") ?? document.body;
  const place = [...near.querySelectorAll(".scroll")].indexOf(box);
  const names = heads.filter(Boolean).map((head) => head.textContent);
  return "Table: " + [...new Set(names), ...(place > 0 ? [place + 1] : [])].join(", ");
};
const scrolls = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) {
      target.tabIndex = 0;
      target.setAttribute("role", "region");
      target.setAttribute("aria-label", called(target));
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) target.removeAttribute(name);
    }
  }
});
for (const box of document.querySelectorAll(".scroll")) scrolls.observe(box);
