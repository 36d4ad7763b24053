// What makes the pages quicker to work in; all of them work without it.
"use strict";

const UTC = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
const typing = (node) => node.matches?.("input, textarea, select, [contenteditable]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

// Instants in the reader's zone, UTC on hover; a bare day belongs to no zone and stays.
for (const time of document.querySelectorAll("time[datetime*='T']")) {
  if (time.dataset.relative !== undefined) continue;
  time.title = time.textContent;
  time.textContent = new Date(time.dateTime).toLocaleString(undefined, UTC);
}
for (const named of document.querySelectorAll("[data-zone]")) {
  named.textContent = `your zone, ${zone}; hover for UTC`;
}

// Light and dark without a round trip.
document.querySelector("[data-theme-form]")?.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button) return;
  event.preventDefault();
  const root = document.documentElement;
  const chosen = root.dataset.theme === button.value ? "" : button.value;
  if (chosen) root.dataset.theme = chosen;
  else delete root.dataset.theme;
  for (const one of event.target.querySelectorAll("button")) {
    one.setAttribute("aria-pressed", String(one.value === chosen));
  }
  const body = new URLSearchParams({ theme: chosen || "system", back: "/" });
  fetch(event.target.action, { method: "POST", body, redirect: "manual" });
});

// On a wide window the facets are open.
const wide = matchMedia("(min-width: 60rem)");
const unfold = () => {
  for (const one of document.querySelectorAll("[data-wide-open]")) one.open = wide.matches;
};
wide.addEventListener("change", unfold);
unfold();

// Keys.
const items = [...document.querySelectorAll("[data-item]")];
let at = -1;
let going = 0; // when g was pressed
const stand = (row) => {
  if (!items.length) return;
  items[at]?.removeAttribute("data-at");
  at = Math.max(0, Math.min(items.length - 1, row));
  items[at].setAttribute("data-at", "");
  items[at].querySelector("[data-open]")?.focus({ preventScroll: true });
  items[at].scrollIntoView({ block: "nearest" });
};
const base = document.querySelector(".brand").pathname;
const places = { s: "", t: "trends", c: "compare", o: "sources", v: "searches", a: "alerts", r: "runs" };
const keys = {
  "/": () => document.querySelector("[data-focus-key='/']")?.select(),
  j: () => stand(at + 1),
  k: () => stand(at - 1),
  o: () => items[at]?.querySelector("[data-open]")?.click(),
  x: () => {
    const copies = items[at]?.querySelector("details");
    if (copies) copies.open = !copies.open;
  },
  f: () => items[at]?.querySelector("[data-key-f]")?.click(),
  d: () => items[at]?.querySelector("[data-key-d]")?.click(),
  m: () => items[at]?.querySelector("[data-key-m]")?.click(),
  n: () => document.querySelector("[data-next]")?.click(),
  g: () => { going = Date.now(); },
  "?": () => { location.href = `${base}help`; },
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && typing(event.target)) event.target.blur();
  if (typing(event.target) || event.target.closest?.("[data-volume]")) return;
  if (Date.now() - going < 1500 && event.key in places) {
    location.href = base + places[event.key];
    return;
  }
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// A range of the volume, dragged or chosen by keys.
for (const chart of document.querySelectorAll("[data-volume]")) {
  const begins = chart.dataset.begins.split(",");
  const ends = chart.dataset.ends.split(",");
  const counts = chart.dataset.counts.split(",").map(Number);
  const caption = chart.closest("figure").querySelector("[data-caption]");
  const usual = [...caption.childNodes];
  const step = 1000 / begins.length;
  const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  let from = -1;
  let to = -1;
  let dragging = false;
  chart.tabIndex = 0;
  chart.setAttribute("role", "application");
  chart.setAttribute("aria-roledescription", "chart");
  caption.setAttribute("aria-live", "polite");
  const range = () => [Math.min(from, to), Math.max(from, to)];
  const span = () => {
    const [low, high] = range();
    return begins[low] === ends[high] ? begins[low] : `${begins[low]}..${ends[high]}`;
  };
  const draw = () => {
    if (from < 0) {
      box.remove();
      caption.replaceChildren(...usual);
      return;
    }
    const [low, high] = range();
    box.setAttribute("class", "chosen");
    box.setAttribute("x", low * step);
    box.setAttribute("y", 0);
    box.setAttribute("width", (high - low + 1) * step);
    box.setAttribute("height", 100);
    chart.append(box);
    const sum = counts.slice(low, high + 1).reduce((a, b) => a + b, 0);
    caption.textContent = `${span().replace("..", " to ")}: ${sum.toLocaleString()}`;
  };
  const go = () => {
    const there = new URL(chart.dataset.volume, location.href);
    there.searchParams.set("time", span());
    location.href = there;
  };
  const bar = (event) => {
    const area = chart.getBoundingClientRect();
    const share = (event.clientX - area.left) / area.width;
    return Math.max(0, Math.min(begins.length - 1, Math.floor(share * begins.length)));
  };
  const stop = () => { from = to = -1; dragging = false; draw(); };
  chart.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    dragging = true;
    from = to = bar(event);
    chart.setPointerCapture(event.pointerId);
    draw();
  });
  chart.addEventListener("pointermove", (event) => {
    if (dragging) { to = bar(event); draw(); }
    else if (event.pointerType === "mouse") {
      const here = bar(event);
      caption.textContent = `${begins[here]}: ${counts[here].toLocaleString()}`;
    }
  });
  chart.addEventListener("pointerup", () => { if (dragging) { dragging = false; go(); } });
  chart.addEventListener("pointercancel", stop);
  chart.addEventListener("pointerleave", () => { if (!dragging) draw(); });
  chart.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -begins.length, End: begins.length }[event.key];
    if (move) {
      event.preventDefault();
      to = Math.max(0, Math.min(begins.length - 1, (to < 0 ? begins.length : to) + move));
      if (!event.shiftKey || from < 0) from = to;
      draw();
    } else if (event.key === "Enter" && from >= 0) go();
    else if (event.key === "Escape") stop();
  });
}
