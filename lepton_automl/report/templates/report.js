"use strict";
(() => {
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  for (const part of all(".live")) part.hidden = false;

  const tip = document.getElementById("tip");
  const show = (text, x, y) => {
    tip.textContent = text;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(8, Math.min(x + 14, innerWidth - box.width - 8)) + "px";
    tip.style.top = (y - box.height - 12 < 8 ? y + 18 : y - box.height - 12) + "px";
  };
  for (const mark of all("[data-tip] > title")) mark.remove();
  document.addEventListener("pointermove", (event) => {
    const mark = event.target.closest ? event.target.closest("[data-tip]") : null;
    if (mark && !mark.matches(".dot.hover")) show(mark.dataset.tip, event.clientX, event.clientY);
    else if (!event.target.closest || !event.target.closest("svg.curve")) tip.hidden = true;
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

  const drawn = (name, parent, values) => {
    const mark = document.createElementNS(parent.namespaceURI, name);
    for (const [key, value] of Object.entries(values)) mark.setAttribute(key, value);
    parent.append(mark);
    return mark;
  };
  const numbers = (mark, ...names) => names.map((name) => Number(mark.getAttribute(name)));
  for (const figure of all("svg.plot")) {
    const dots = all(".dot.hover", figure);
    if (!dots.length) continue;
    dots.sort((a, b) => numbers(a, "cx")[0] - numbers(b, "cx")[0]);
    figure.classList.add("curve");
    figure.tabIndex = 0;
    if (tip.dataset.keys) figure.querySelector("desc").textContent += " " + tip.dataset.keys;
    const [left, top, width, height] = numbers(figure.querySelector(".hit"), "x", "y", "width", "height");
    const cross = drawn("g", figure, { class: "cross", visibility: "hidden" });
    const down = drawn("line", cross, { y1: top, y2: top + height });
    const across = drawn("line", cross, { x1: left, x2: left + width });
    const point = drawn("circle", cross, { r: 5 });
    let at = 0;
    const go = (place) => {
      at = Math.max(0, Math.min(dots.length - 1, place));
      const [x, y] = numbers(dots[at], "cx", "cy");
      for (const end of ["x1", "x2"]) down.setAttribute(end, x);
      for (const end of ["y1", "y2"]) across.setAttribute(end, y);
      point.setAttribute("cx", x);
      point.setAttribute("cy", y);
      cross.setAttribute("visibility", "visible");
      const box = dots[at].getBoundingClientRect();
      show(dots[at].dataset.tip, box.left + box.width / 2, box.top);
    };
    const leave = () => { cross.setAttribute("visibility", "hidden"); tip.hidden = true; };
    figure.addEventListener("pointermove", (event) => {
      const x = new DOMPoint(event.clientX, event.clientY).matrixTransform(figure.getScreenCTM().inverse()).x;
      const far = (dot) => Math.abs(numbers(dot, "cx")[0] - x);
      go(dots.reduce((best, dot, place) => (far(dot) < far(dots[best]) ? place : best), 0));
    });
    figure.addEventListener("pointerleave", leave);
    figure.addEventListener("blur", leave);
    figure.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -dots.length, End: dots.length }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      go(cross.getAttribute("visibility") === "hidden" ? at : at + step);
    });
  }

  for (const figure of all("svg.parallel")) {
    const ways = all(".way", figure).sort((a, b) => a.dataset.rank - b.dataset.rank);
    if (!ways.length) continue;
    figure.tabIndex = 0;
    let at = -1;
    const go = (place) => {
      if (at >= 0) ways[at].classList.remove("now");
      at = place;
      if (at < 0) { tip.hidden = true; return; }
      ways[at].classList.add("now");
      const end = ways[at].getPointAtLength(ways[at].getTotalLength()).matrixTransform(figure.getScreenCTM());
      show(ways[at].dataset.tip, Math.min(end.x, innerWidth - 40), end.y);
    };
    figure.addEventListener("blur", () => go(-1));
    figure.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: ways.length - 1, Escape: -1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      go(event.key === "Escape" ? -1 : Math.max(0, Math.min(ways.length - 1, to)));
    });
  }

  for (const part of all(".lines")) {
    const rows = JSON.parse(part.dataset.rows);
    const input = part.querySelector("input");
    const told = all("output b", part);
    const rings = [["roc", 1], ["precision-recall", 0]].flatMap(([name, first]) => {
      const title = document.getElementById(name + "-t");
      const path = title && title.parentNode.querySelector("path.line.model");
      if (!path) return [];
      const places = path.getAttribute("d").slice(1).split("L").map((pair) => pair.split(" "));
      return [{ places, first, mark: drawn("circle", path.parentNode, { class: "dot ring", r: 6 }) }];
    });
    const spread = document.getElementById("spread-t");
    const area = spread && spread.parentNode.querySelector(".hit");
    const moved = area && drawn("line", spread.parentNode, { class: "rule limit", y1: area.y.baseVal.value, y2: area.y.baseVal.value + area.height.baseVal.value });
    const tell = () => {
      const place = Number(input.value);
      rows[place].forEach((text, column) => { told[column].textContent = text; });
      input.setAttribute("aria-valuetext", rows[place][0]);
      const at = moved && area.x.baseVal.value + Number(rows[place][0]) * area.width.baseVal.value;
      if (moved && Number.isFinite(at)) for (const end of ["x1", "x2"]) moved.setAttribute(end, at);
      for (const { places, first, mark } of rings) {
        const [x, y] = places[first + rows.length - 1 - place];
        mark.setAttribute("cx", x);
        mark.setAttribute("cy", y);
      }
    };
    input.addEventListener("input", tell);
    part.querySelector("button").addEventListener("click", () => { input.value = part.dataset.at; tell(); });
    tell();
  }

  // A table that is wider than a phone is laid out row by row, each cell under its heading; only what moves can be focused.
  const isNarrow = matchMedia("(max-width: 46rem)");
  const laid = all(".scroll > table:not(.confusion, .bars)").filter((table) => {
    const heads = table.tHead && table.tHead.rows.length === 1 ? [...table.tHead.rows[0].cells] : [];
    return heads.length && all("tbody tr", table).every((row) => row.cells.length === heads.length);
  });
  for (const table of laid) {
    const heads = [...table.tHead.rows[0].cells];
    for (const cell of all("tbody td", table)) {
      const head = heads[cell.cellIndex], text = cell.textContent.trim();
      if (text.length > 24 || (text === "" && cell.querySelector("svg"))) cell.classList.add("full");
      if (!head.querySelector(".visually-hidden")) cell.dataset.head = head.textContent.trim();
    }
  }
  const settle = () => {
    const moves = (part) => part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1;
    for (const table of laid) table.classList.remove("stacked");
    if (isNarrow.matches) {
      const wide = laid.filter((table) => table.parentNode.scrollWidth > table.parentNode.clientWidth + 1);
      for (const table of wide) table.classList.add("stacked");
    }
    const parts = all(".scroll").map((part) => [part, moves(part)]);
    for (const [part, isMoved] of parts) part[isMoved ? "setAttribute" : "removeAttribute"]("tabindex", "0");
  };
  settle();
  addEventListener("resize", settle);
  document.addEventListener("toggle", settle, true);

  const value = (row, column) => {
    const cell = row.cells[column];
    return "value" in cell.dataset ? (cell.dataset.value === "" ? null : Number(cell.dataset.value)) : cell.textContent.trim();
  };
  const compare = (a, b, sign) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * (typeof a === "number" ? a - b : a.localeCompare(b));
  };
  for (const table of all("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (table.tBodies[0].querySelector(`td:nth-child(${column + 1}):is(.pic, .words)`)) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        const body = table.tBodies[0];
        body.append(...[...body.rows].sort((a, b) => compare(value(a, column), value(b, column), sign)));
      });
    });
  }

  const find = document.getElementById("find");
  const stages = all("#ledger details").map((part) => ({ part, rows: all("tbody tr", part), wasOpen: part.open }));
  const entries = stages.flatMap((stage) => stage.rows);
  const filter = () => {
    const word = find.value.trim().toLowerCase();
    for (const row of entries) row.hidden = word !== "" && !row.textContent.toLowerCase().includes(word);
    for (const { part, rows, wasOpen } of stages) {
      const has = rows.some((row) => !row.hidden);
      part.hidden = !has;
      part.open = word ? has : wasOpen;
    }
    const said = find.parentNode.querySelector("output");
    const count = entries.filter((row) => !row.hidden).length;
    said.textContent = word ? said.dataset.said.replace("{n}", count).replace("{of}", entries.length) : "";
  };
  if (find) find.addEventListener("input", filter);

  const dark = [...document.styleSheets[0].cssRules].filter((rule) => rule.media && /prefers-color-scheme/.test(rule.media.mediaText));
  let isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = document.getElementById("theme");
  if (theme) theme.addEventListener("click", () => {
    isDark = !isDark;
    for (const rule of dark) rule.media.mediaText = isDark ? "all" : "not all";
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
  });

  const links = new Map(all("body nav a").map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  const watch = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) seen[isIntersecting ? "add" : "delete"](target.id);
    const now = [...links.keys()].filter((name) => seen.has(name)).pop();
    for (const [name, link] of links) {
      if (name === now) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  for (const name of links.keys()) if (document.getElementById(name)) watch.observe(document.getElementById(name));

  let closed = [];
  addEventListener("beforeprint", () => {
    if (find && find.value) { find.value = ""; filter(); }
    for (const button of all("th > button")) button.before(...button.childNodes);  // a button is not printed again on the next page
    closed = all("details:not([open]):not(.quiet)");
    for (const part of closed) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of closed) part.open = false;
    for (const button of all("th > button")) button.append(...[...button.parentNode.childNodes].filter((part) => part !== button));
  });
})();
