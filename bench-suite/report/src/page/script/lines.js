// Charts of lines: read at the pointer or by the arrow keys; a name hides its line, and the axis follows what is left. What
// is dragged over, or chosen by plus and minus, is drawn over the whole width; a double click or Escape goes back.
const points = (path) => {
  const all = [];
  for (const [, op, rest] of path.matchAll(/([MLHV])([^MLHVh]*)/g)) {
    const numbers = rest.trim().split(/[ ,]+/).map(Number);
    const before = all[all.length - 1];
    all.push(op === "V" ? [before[0], numbers[0]] : op === "H" ? [numbers[0], before[1]] : numbers);
  }
  return all;
};
// The height of a line at a horizontal place.
const height = (line, x) => {
  let y = null;
  for (let at = 0; at + 1 < line.length; at++) {
    const [before, next] = [line[at], line[at + 1]];
    if (before[0] <= x && next[0] >= x) {
      y = next[0] === before[0] ? next[1] : before[1] + ((next[1] - before[1]) * (x - before[0])) / (next[0] - before[0]);
    }
  }
  return y ?? (line.length === 1 && Math.abs(line[0][0] - x) < 3 ? line[0][1] : null);
};
// Round figures of an axis, as the page chooses them.
const round = (low, high, isLog, unit) => {
  const values = [];
  if (!isLog) {
    const rough = (high - low) / 5, decade = Math.pow(10, Math.floor(Math.log10(rough)));
    const nice = [1, 2, 5, 10].find((n) => n * decade >= rough * 0.999) ?? 10;
    const step = unit === "bytes" ? Math.pow(2, Math.max(0, Math.ceil(Math.log2(rough)))) : nice * decade;
    for (let v = Math.ceil(low / step) * step; v <= high * 1.0001 && values.length < 12; v += step) values.push(v);
    return values;
  }
  const base = unit === "bytes" ? 2 : 10, span = Math.log(high / low) / Math.log(base);
  const factors = base === 10 && span < 2 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(span / 7));
  for (let at = Math.floor(Math.log(low) / Math.log(base)); at <= Math.log(high) / Math.log(base); at += every) {
    for (const factor of factors) {
      const v = factor * Math.pow(base, at);
      if (v >= low * 0.999 && v <= high * 1.001) values.push(v);
    }
  }
  return values;
};

for (const svg of document.querySelectorAll("svg.lines")) {
  const [x, y] = [axis(svg.dataset.x), axis(svg.dataset.y)];
  const all = [...svg.querySelectorAll(".s")].map((g) => ({
    g, path: g.querySelector(".line"), entry: g.querySelector(".entry"), leader: g.querySelector(".leader"), off: false,
    get line() { return (this.points ??= points(this.path.getAttribute("d"))); },
  }));
  const cross = svg.appendChild(drawn(svg, "path", { class: "cross" }));
  let [at, current, fit, dragged] = [null, null, [1, 0], null];
  // The stretch that is drawn, in places of the whole; where a place lies in it, and the other way.
  let stretch = [x.from, x.to];
  const wider = () => (x.to - x.from) / (stretch[1] - stretch[0]);
  const placed = (px) => x.from + (px - stretch[0]) * wider();
  const unplaced = (px) => stretch[0] + (px - x.from) / wider();
  const isZoomed = () => stretch[0] > x.from || stretch[1] < x.to;
  const leave = () => {
    read.hidden = true;
    cross.setAttribute("d", "");
    current?.g.classList.remove("read");
    [at, current] = [null, null];
  };
  const show = (left, top) => {
    const seen = all.filter((one) => !one.off && (one === current || one.g.matches(".highlighted, :hover")));
    const found = seen.map((one) => [height(one.line, at), one]).filter(([place]) => place !== null);
    found.sort((a, b) => a[0] - b[0]);
    if (found.length === 0) { read.hidden = true; return; }
    const strong = (one) => one === current || (!current && one.g.matches(":hover"));
    tell(x.text(x.at(at)), found.map(([place, one]) => row(one.g.dataset.name, y.text(y.at(place)), strong(one))), left, top);
    cross.setAttribute("d", "M" + placed(at) + " " + y.from + "V" + y.to);
  };
  const point = (event) => {
    const [px] = inDrawing(svg, event);
    leave();
    if (px < x.from || px > x.to) return;
    at = unplaced(px);
    show(event.clientX, event.clientY);
  };
  // A finger scrolls the page; what else drags chooses a stretch.
  const drag = (event) => {
    const [px] = inDrawing(svg, event);
    const ends = [dragged.from, Math.min(x.to, Math.max(x.from, px))].sort((a, b) => a - b);
    if (!dragged.box && ends[1] - ends[0] > 6) {
      leave();
      svg.setPointerCapture(event.pointerId);
      dragged.box = svg.appendChild(drawn(svg, "rect", { class: "chosen", y: y.to, height: y.from - y.to }));
    }
    dragged.box?.setAttribute("x", ends[0]);
    dragged.box?.setAttribute("width", ends[1] - ends[0]);
    return ends;
  };
  svg.addEventListener("pointermove", (event) => {
    if (dragged && drag(event) && dragged.box) return;
    point(event);
  });
  svg.addEventListener("pointerdown", (event) => {
    point(event);
    const [px, py] = inDrawing(svg, event);
    const isIn = px >= x.from && px <= x.to && py >= y.to && py <= y.from;
    if (isIn && event.button === 0 && event.pointerType !== "touch") dragged = { from: px, box: null };
  });
  svg.addEventListener("pointerup", (event) => {
    if (!dragged) return;
    const [ends, { box }] = [drag(event), dragged];
    dragged = null;
    if (!box) return;
    box.remove();
    zoom(ends.map(unplaced));
    // The click that follows is no choice of a line.
    svg.addEventListener("click", (click) => click.stopImmediatePropagation(), { capture: true, once: true });
    setTimeout(() => svg.dispatchEvent(new MouseEvent("click")));
  });
  svg.addEventListener("pointercancel", () => { dragged?.box?.remove(); dragged = null; });
  svg.addEventListener("dblclick", () => zoom([x.from, x.to]));
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("blur", leave);

  // From line to line by up and down, along them by left and right.
  const next = (step) => {
    const order = all.filter((one) => !one.off && height(one.line, at) !== null);
    order.sort((a, b) => height(b.line, at) - height(a.line, at));
    const here = order.indexOf(current);
    const found = order[here < 0 ? (step > 0 ? 0 : order.length - 1) : (here + step + order.length) % order.length];
    current?.g.classList.remove("read");
    current = found ?? null;
    current?.g.classList.add("read");
  };
  svg.addEventListener("keydown", (event) => {
    if (event.target !== svg) return;
    if (event.key === "Escape") return read.hidden ? zoom([x.from, x.to]) : leave();
    if (event.key === "Enter" && current) return choose(current.g);
    if (event.key === "+" || event.key === "-") {
      event.preventDefault();
      const middle = at ?? (stretch[0] + stretch[1]) / 2;
      const half = ((stretch[1] - stretch[0]) / 2) * (event.key === "+" ? 0.5 : 2);
      return zoom([middle - half, middle + half]);
    }
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    at ??= (stretch[0] + stretch[1]) / 2;
    at = Math.min(stretch[1], Math.max(stretch[0], at + (step[0] * (stretch[1] - stretch[0])) / 40));
    if (step[1] || !current) next(step[1] || 1);
    show(...inWindow(svg, placed(at), y.to));
  });
  svg.addEventListener("click", (event) => {
    const series = event.target.closest(".s");
    if (series && !event.target.closest(".entry")) choose(series);
  });

  // A line without what lies outside of the stretch.
  const shown = (line) => {
    if (!isZoomed()) return line;
    const ends = stretch.map((px) => [px, height(line, px)]).filter(([, py]) => py !== null);
    return [...line.filter(([px]) => px > stretch[0] && px < stretch[1]), ...ends];
  };
  // What lies outside is cut off by a frame; what is cut is not what is moved.
  const cut = () => {
    if (svg.querySelector(".cut")) return;
    const [width, height] = [x.to - x.from, y.from - y.to];
    for (const part of [...all.map((one) => one.path), ...svg.querySelectorAll(":scope > .band")]) {
      const viewBox = [x.from, y.to, width, height].join(" ");
      const box = drawn(svg, "svg", { class: "cut", x: x.from, y: y.to, width, height, viewBox });
      part.replaceWith(box);
      box.append(part);
    }
  };
  const rescale = () => {
    const heights = all.filter((one) => !one.off).flatMap((one) => shown(one.line).map((p) => p[1]));
    fit = [1, 0];
    svg.querySelector(".again")?.remove();
    const isWhole = (all.every((one) => !one.off) && !isZoomed()) || heights.length === 0;
    const again = drawn(svg, "g", { class: "again" });
    const label = (place, v, attributes) => {
      const text = again.appendChild(drawn(svg, "text", attributes));
      text.textContent = place.text(v).replace(/(\.\d*?)0+(?= |$)/, "$1").replace(/\.(?= |$)/, "");
    };
    if (!isWhole || isZoomed()) svg.insertBefore(again, svg.querySelector(":scope > .s"));
    if (!isWhole) {
      // Heights grow downwards; a linear axis keeps its foot.
      const top = Math.min(...heights), foot = y.isLog ? Math.max(...heights) : y.from;
      const room = Math.max(foot - top, 1) * 0.04;
      const [low, high] = [foot + (y.isLog ? room : 0), top - room];
      fit[0] = (y.from - y.to) / (low - high);
      fit[1] = y.from - fit[0] * low;
      for (const v of round(y.at(low), y.at(high), y.isLog, y.unit)) {
        const px = fit[0] * y.place(v) + fit[1];
        again.append(drawn(svg, "path", { class: "grid", d: "M" + x.from + " " + px + "H" + x.to }));
        label(y, v, { class: "tick end", x: x.from - 6, y: px + 3.5 });
      }
    }
    if (isZoomed()) {
      cut();
      again.append(drawn(svg, "path", { class: "axis", d: "M" + x.from + " " + y.from + "H" + x.to }));
      for (const v of round(x.at(stretch[0]), x.at(stretch[1]), x.isLog, x.unit)) {
        const px = placed(x.place(v));
        again.append(drawn(svg, "path", { class: "axis", d: "M" + px + " " + y.from + "v4" }));
        label(x, v, { class: "tick mid", x: px, y: y.from + 15 });
      }
    }
    svg.classList.toggle("refit", !isWhole);
    svg.classList.toggle("zoomed", isZoomed());
    const across = [wider(), placed(0)];
    for (const band of svg.querySelectorAll(".band")) band.setAttribute("transform", "matrix(" + across[0] + " 0 0 1 " + across[1] + " 0)");
    for (const name of svg.querySelectorAll(".phase")) {
      name.dataset.x ??= name.getAttribute("x");
      const px = placed(Number(name.dataset.x) - 4) + 4;
      name.setAttribute("x", px);
      name.setAttribute("visibility", px < x.from || px > x.to - 20 ? "hidden" : "visible");
    }
    const matrix = "matrix(" + across[0] + " 0 0 " + fit[0] + " " + across[1] + " " + fit[1] + ")";
    for (const one of all) {
      one.path.setAttribute("transform", matrix);
      one.led ??= one.leader.getAttribute("d");
      const end = isZoomed() ? height(one.line, stretch[1]) : null;
      one.leader.setAttribute("visibility", isZoomed() && end === null ? "hidden" : "visible");
      one.leader.setAttribute("d", one.led.replace(/^M(\S+) ([^L]+)/, (_, px, py) => "M" + (end === null ? px : x.to) + " " + (fit[0] * (end ?? py) + fit[1])));
    }
    for (const limit of svg.querySelectorAll(".limit")) {
      limit.setAttribute("transform", "translate(0 " + (fit[0] * limit.dataset.y + fit[1] - limit.dataset.y) + ")");
      const px = fit[0] * limit.dataset.y + fit[1];
      limit.classList.toggle("off", px > y.from || px < y.to);
    }
  };
  const anchor = svg.id.replace(/-chart$/, "");
  const draw = (ends) => {
    stretch = [Math.max(x.from, ends[0]), Math.min(x.to, ends[1])];
    if (!(stretch[1] - stretch[0] > 0.5)) stretch = [x.from, x.to];
    leave();
    rescale();
  };
  const zoom = (ends) => {
    draw(ends);
    if (isZoomed()) stretches.set(anchor, stretch.map((px) => Number(x.at(px).toPrecision(5)))); else stretches.delete(anchor);
    remember();
  };
  zooms.set(anchor, (...ends) => {
    stretches.set(anchor, ends);
    draw(ends.map(x.place));
  });
  // Each name is a button, and all of them one stop of the keyboard.
  const below = (one) => Number(one.entry.querySelector("text").getAttribute("y"));
  const legend = [...all].sort((a, b) => below(a) - below(b));
  const press = (one, alone) => {
    if (alone) {
      const isAlone = all.every((other) => other.off === (other !== one));
      for (const other of all) other.off = !isAlone && other !== one;
    } else one.off = !one.off;
    for (const other of all) {
      other.g.classList.toggle("off", other.off);
      other.entry.setAttribute("aria-pressed", String(!other.off));
    }
    leave();
    rescale();
  };
  legend.forEach((one, place) => {
    one.entry.setAttribute("role", "button");
    one.entry.setAttribute("aria-pressed", "true");
    one.entry.setAttribute("aria-label", one.g.dataset.name);
    one.entry.setAttribute("tabindex", place === 0 ? 0 : -1);
    one.entry.addEventListener("click", (event) => press(one, event.shiftKey));
    one.entry.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        return press(one, event.shiftKey);
      }
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      const other = legend[(place + step[0] - step[1] + legend.length) % legend.length];
      one.entry.setAttribute("tabindex", -1);
      other.entry.setAttribute("tabindex", 0);
      other.entry.focus();
    });
  });
  readable(svg, "Up and down go from line to line, left and right along them, Enter keeps one in colour, plus and minus zoom.");
}
