"use strict";
// Reading aids only: the page says everything without them.
(function () {
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
    const at = (px) => {
      const share = (px - f) / (t - f);
      return kind === "log" ? l * Math.pow(h / l, share) : l + (h - l) * share;
    };
    return { from: f, to: t, at, text: (px) => text[unit](at(px)) };
  };
  // The height of a path of M, L, H and V at a horizontal place.
  const height = (path, x) => {
    let before = null, y = null;
    for (const [, op, rest] of path.matchAll(/([MLHV])([^MLHVh]*)/g)) {
      const numbers = rest.trim().split(/[ ,]+/).map(Number);
      const next = op === "V" ? [before[0], numbers[0]] : op === "H" ? [numbers[0], before[1]] : numbers;
      if (before && before[0] <= x && next[0] >= x) {
        y = next[0] === before[0] ? next[1] : before[1] + ((next[1] - before[1]) * (x - before[0])) / (next[0] - before[0]);
      }
      before = next;
    }
    return y;
  };

  const read = document.createElement("div");
  read.id = "read";
  read.hidden = true;
  document.body.append(read);

  const line = (name, value, strong) => {
    const row = document.createElement("span");
    const label = document.createElement(strong ? "strong" : "i");
    label.textContent = name;
    row.append(label, value);
    return row;
  };

  for (const svg of document.querySelectorAll("svg.lines")) {
    const [x, y] = [axis(svg.dataset.x), axis(svg.dataset.y)];
    // The title would cover the read-out as a tooltip.
    const title = svg.querySelector("title");
    svg.setAttribute("aria-label", title.textContent);
    svg.removeAttribute("aria-labelledby");
    title.remove();
    const cross = document.createElementNS(svg.namespaceURI, "path");
    cross.setAttribute("class", "cross");
    svg.append(cross);
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const at = ((event.clientX - box.left) * svg.viewBox.baseVal.width) / box.width;
      if (at < x.from || at > x.to) { read.hidden = true; cross.setAttribute("d", ""); return; }
      const under = event.target.closest(".s");
      const found = [];
      for (const series of svg.querySelectorAll(".s.highlighted, .s:hover")) {
        const place = height(series.querySelector(".line").getAttribute("d"), at);
        if (place !== null) found.push([place, series]);
      }
      found.sort((a, b) => a[0] - b[0]);
      const head = document.createElement("b");
      head.textContent = x.text(at);
      read.replaceChildren(head, ...found.map(([place, series]) => line(series.dataset.name, y.text(place), series === under)));
      read.hidden = found.length === 0;
      read.style.left = (event.clientX > innerWidth / 2 ? event.clientX - read.offsetWidth - 16 : event.clientX + 16) + "px";
      read.style.top = Math.max(4, Math.min(event.clientY - 10, innerHeight - read.offsetHeight - 8)) + "px";
      cross.setAttribute("d", "M" + at + " " + y.from + "V" + y.to);
    });
    svg.addEventListener("pointerleave", () => { read.hidden = true; cross.setAttribute("d", ""); });
    svg.addEventListener("click", (event) => {
      const series = event.target.closest(".s");
      if (!series) return;
      const map = [...series.classList].find((name) => /^m\d+$/.test(name));
      const on = !series.classList.contains("highlighted");
      for (const same of svg.closest("article").querySelectorAll(".s." + map)) same.classList.toggle("highlighted", on);
    });
  }

  // What stands under the pointer, or is gone to by the arrow keys, is read out.
  read.setAttribute("role", "status");
  const tell = (mark, x, y) => {
    const head = document.createElement("b");
    head.textContent = mark.dataset.name;
    read.replaceChildren(head, mark.dataset.read);
    read.hidden = false;
    read.style.left = (x > innerWidth / 2 ? x - read.offsetWidth - 16 : x + 16) + "px";
    read.style.top = Math.max(4, Math.min(y - 10, innerHeight - read.offsetHeight - 8)) + "px";
  };
  for (const svg of document.querySelectorAll("svg.cloud")) {
    const marks = [...svg.querySelectorAll("[data-read]")];
    const place = (mark) => mark.querySelector(".spot").getBoundingClientRect();
    marks.sort((a, b) => place(a).left - place(b).left);
    const leave = () => { read.hidden = true; for (const mark of marks) mark.classList.remove("read"); };
    const show = (mark) => {
      leave();
      mark.classList.add("read");
      const box = place(mark);
      tell(mark, box.left + box.width / 2, box.top);
    };
    let at = -1;
    svg.tabIndex = 0;
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") leave();
      if (!step) return;
      event.preventDefault();
      at = at < 0 && step < 0 ? marks.length - 1 : (at + step + marks.length) % marks.length;
      show(marks[at]);
    });
    svg.addEventListener("blur", leave);
    svg.addEventListener("pointermove", (event) => {
      const mark = event.target.closest("[data-read]");
      if (mark) show(mark); else leave();
    });
    svg.addEventListener("pointerleave", leave);
    svg.addEventListener("click", (event) => { event.target.closest(".s")?.classList.toggle("highlighted"); });
  }

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

  // A link leads into what is folded.
  const reveal = () => {
    let at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!at) return;
    const inner = at.querySelector(":scope > details.fold");
    if (inner) inner.open = true;
    for (let around = at; around; around = around.parentElement) if (around.localName === "details") around.open = true;
    at.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
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
  // What scrolls can be reached and scrolled by the keyboard.
  const scrolls = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) {
        target.tabIndex = 0;
        target.setAttribute("role", "region");
        const near = target.closest("figure, section, article");
        target.setAttribute("aria-label", "Table: " + (near?.querySelector("h4, h3, h2")?.textContent ?? ""));
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) target.removeAttribute(name);
      }
    }
  });
  for (const box of document.querySelectorAll(".scroll")) scrolls.observe(box);
})();
