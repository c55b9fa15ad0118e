// Clouds, heat maps and grids: what stands under the pointer or a finger, or is gone to by the arrow keys, is read out.
for (const svg of document.querySelectorAll("svg.cloud")) {
  const marks = [...svg.querySelectorAll("[data-read]")];
  const place = (mark) => mark.querySelector(".spot").getBoundingClientRect();
  const leave = () => { read.hidden = true; for (const mark of marks) mark.classList.remove("read"); };
  const show = (mark) => {
    leave();
    mark.classList.add("read");
    const box = place(mark);
    tell(mark.dataset.name, [mark.dataset.read], box.left + box.width / 2, box.top);
  };
  let current = null;
  svg.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return leave();
    if (event.key === "Enter" && current) return choose(current);
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const order = [...marks].sort((a, b) => place(a).left - place(b).left);
    const [here, by] = [order.indexOf(current), step[0] || -step[1]];
    current = order[here < 0 ? (by > 0 ? 0 : order.length - 1) : (here + by + order.length) % order.length];
    show(current);
  });
  svg.addEventListener("blur", leave);
  const point = (event) => {
    const mark = event.target.closest("[data-read]");
    if (mark) show(mark); else leave();
  };
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("click", (event) => { const mark = event.target.closest(".s"); if (mark) choose(mark); });
  readable(svg, "Arrow keys go from map to map, Enter keeps one in colour.");
}

// A drawing of cells: where the first one lies and how large each is, how many there are, and what one says.
const cells = (svg, { left, top, wide, tall, columns, rows, say }) => {
  const frame = svg.appendChild(drawn(svg, "rect", { class: "cell", width: wide, height: tall, visibility: "hidden" }));
  const leave = () => { read.hidden = true; frame.setAttribute("visibility", "hidden"); };
  const show = ([column, line], x, y) => {
    const [head, ...said] = say(column, line);
    frame.setAttribute("x", left + column * wide);
    frame.setAttribute("y", top + line * tall);
    frame.setAttribute("visibility", "visible");
    tell(head, said.map(([name, value]) => row(name, value)), x, y);
  };
  let at = null;
  svg.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return leave();
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    at = at ? [(at[0] + step[0] + columns) % columns, (at[1] - step[1] + rows) % rows] : [0, rows - 1];
    show(at, ...inWindow(svg, left + (at[0] + 1) * wide, top + at[1] * tall));
  });
  const point = (event) => {
    const [x, y] = inDrawing(svg, event);
    const cell = [Math.floor((x - left) / wide), Math.floor((y - top) / tall)];
    if (cell[0] < 0 || cell[0] >= columns || cell[1] < 0 || cell[1] >= rows) return leave();
    at = cell;
    show(at, event.clientX, event.clientY);
  };
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("blur", leave);
  readable(svg, "Arrow keys go from cell to cell.");
};

for (const svg of document.querySelectorAll("svg[data-cells]")) {
  const [left, top, wide, tall] = svg.dataset.cells.split(" ").map(Number);
  const lines = [...svg.querySelectorAll("[data-figures]")].map((g) => [g.dataset.name, g.dataset.figures.split("|")]);
  const heads = (svg.dataset.columns ?? svg.dataset.parts).split("|");
  const all = (line) => heads.map((head, at) => [head, lines[line][1][at] || "none"]);
  // A bar is read as a whole, a cell of a grid by itself.
  const isBars = svg.dataset.parts !== undefined;
  const say = (column, line) => [lines[line][0], ...(isBars ? all(line) : [all(line)[column]])];
  const columns = isBars ? 1 : heads.length;
  if (lines.length > 0) cells(svg, { left, top, wide, tall, columns, rows: lines.length, say });
}

// The pixels of a picture, four numbers each.
const pixelsOf = (picture, width, height) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const drawing = canvas.getContext("2d");
  drawing.drawImage(picture, 0, 0);
  return drawing.getImageData(0, 0, width, height).data;
};

// A cell of a film is some pixels, each in the colour of a state.
const film = (svg) => {
  const [left, top, across, down, columns] = svg.dataset.film.split(" ").map(Number);
  const picture = new Image();
  picture.addEventListener("load", () => {
    const [width, states] = [picture.naturalWidth, [...svg.closest("figure").querySelectorAll("[data-colour]")]];
    const wide = width / columns, tall = states.length / wide, rows = picture.naturalHeight / tall;
    const colours = states.map((one) => one.dataset.colour.split(" ").map(Number));
    let pixels = null;
    // How many pixels of a cell are in each state, in the order of the key.
    const inCell = (column, line) => {
      pixels ??= pixelsOf(picture, width, picture.naturalHeight);
      const counts = states.map(() => 0);
      for (let at = 0; at < wide * tall; at++) {
        const start = ((line * tall + Math.floor(at / wide)) * width + column * wide + (at % wide)) * 4;
        if (pixels[start + 3] === 0) continue;
        const far = colours.map((colour) => colour.reduce((sum, part, of) => sum + Math.abs(part - pixels[start + of]), 0));
        counts[far.indexOf(Math.min(...far))]++;
      }
      return counts;
    };
    const say = (column, line) => {
      const ops = [line, line + 1].map((row) => text.count(Math.round((svg.dataset.ops * row) / rows)));
      const share = [column, column + 1].map((one) => text.share(one / columns));
      const counts = inCell(column, line), all = counts.reduce((sum, count) => sum + count, 0);
      const held = counts.map((count, at) => [states[at].textContent.trim(), count]).filter(([, count]) => count > 0);
      held.sort((a, b) => b[1] - a[1]);
      return [svg.dataset.name, ["operations", ops.join(" to ")], ["slots", share.join(" to ")],
        ...held.map(([state, count]) => [state, count === all ? "all" : count * 2 > all ? "most" : "some"])];
    };
    cells(svg, { left, top, wide: across / columns, tall: down / rows, columns, rows, say });
  });
  picture.src = svg.querySelector("image").getAttribute("href");
};
for (const svg of document.querySelectorAll("svg[data-film]")) film(svg);

// The cells of a heat map are the pixels of a picture; the opacity of one says which shade it has.
const heat = (box) => {
  const [svg, img] = [box.querySelector("svg"), box.querySelector("img")];
  const [x, y] = [axis(svg.dataset.x), axis(svg.dataset.y)];
  const [columns, rows] = [img.naturalWidth, img.naturalHeight];
  const shades = [...box.closest("figure").querySelectorAll(".shade")];
  const opacities = shades.map((one) => Math.round(255 * Number(one.querySelector("rect").getAttribute("opacity"))));
  let pixels = null;
  const opacity = (column, line) => {
    pixels ??= pixelsOf(img, columns, rows);
    return pixels[(line * columns + column) * 4 + 3];
  };
  const [wide, tall] = [(x.to - x.from) / columns, (y.from - y.to) / rows];
  const marks = [...svg.querySelectorAll(".mark")].map((mark) => {
    const [, from, long] = mark.getAttribute("d").match(/^M(\S+) \S+h(\S+)$/).map(Number);
    return [from, from + long, mark.querySelector("title").textContent];
  });
  const say = (column, line) => {
    const px = [x.from + column * wide, x.from + (column + 1) * wide];
    const seen = opacity(column, line);
    const shade = seen === 0 ? -1 : opacities.findIndex((one) => Math.abs(one - seen) < 3);
    const share = shade < 0 ? "none" : shade === 0 ? "some, < " + shades[1].textContent.trim().slice(2) : shades[shade].textContent.trim();
    const times = [line + 1, line].map((one) => y.text(y.at(y.to + one * tall)));
    const changed = marks.filter(([from, to]) => from < px[1] && to > px[0]).map(([, , what]) => ["changed", what]);
    return [svg.dataset.name, ["operations", px.map((one) => x.text(Math.round(x.at(one)))).join(" to ")],
      ["took", times.join(" to ")], ["share of them", share], ...changed];
  };
  if (columns > 0) cells(svg, { left: x.from, top: y.to, wide, tall, columns, rows, say });
};
for (const box of document.querySelectorAll(".heat")) {
  const img = box.querySelector("img");
  if (img.complete) heat(box); else img.addEventListener("load", () => heat(box));
}
