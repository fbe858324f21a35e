// The browser's side of threshold_sliders: native switches and sliders, a bar for each contribution, a spoken decision.
// It works out sum and decision itself; the kernel gets every change and stays the owner of the numbers.

const hundredths = (number) => Math.floor(100 * number + 0.5);

// Whole hundredths, as in threshold.py: rounding never decides.
export function decision(inputs, weights, threshold) {
  let total = 0;
  inputs.forEach((input, i) => (total += input * hundredths(weights[i])));
  return { total: total / 100, fires: total > hundredths(threshold) };
}

const fixed = (number) => number.toFixed(2).replace("-", "−");
const signed = (number) => (number < 0 ? "" : "+") + fixed(number);

export function sentence(inputs, weights, threshold) {
  const { total, fires } = decision(inputs, weights, threshold);
  const terms = weights.filter((_, i) => inputs[i]).map(fixed);
  const sum = terms.length > 1 ? `${terms.join(" + ").replaceAll("+ −", "− ")} = ${fixed(total)}` : fixed(total);
  const compared = fires ? "greater than" : "not greater than";
  return `${fires ? "✓ Yes" : "✗ No"}: the sum ${sum} is ${compared} the threshold ${fixed(threshold)}.`;
}

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function slider(label, low, high, value, changed) {
  const input = element("input", { type: "range", min: low, max: high, step: 0.05, "aria-label": label });
  input.value = value;
  input.addEventListener("input", () => changed(Number(input.value)));
  return input;
}

function render({ model, el }) {
  const names = model.get("names");
  const change = (key, value) => {
    model.set(key, value);
    model.save_changes();
  };
  const replaced = (key, i, value) => change(key, model.get(key).map((old, k) => (k === i ? value : old)));

  const rows = names.map((name, i) => {
    const toggle = element("input", { type: "checkbox" });
    toggle.addEventListener("change", () => replaced("inputs", i, toggle.checked ? 1 : 0));
    const range = slider(`weight of ${name}`, -1, 1, 0, (value) => replaced("weights", i, value));
    return { toggle, range, value: element("output"), track: element("div", { class: "track", "aria-hidden": "true" }) };
  });
  const bar = slider("threshold", -2, 3, 0, (value) => change("threshold", value));
  const barValue = element("output");
  const sumTrack = element("div", { class: "track sum", "aria-hidden": "true" });
  const answer = element("p", { class: "answer", role: "status", "aria-live": "polite" });
  const reset = element("button", { type: "button" }, "Reset");
  reset.addEventListener("click", () => {
    const start = model.get("start");
    model.set("inputs", start.slice(0, names.length));
    model.set("weights", start.slice(names.length, -1));
    change("threshold", start[start.length - 1]);
  });

  const grid = element("div", { class: "grid" });
  for (const word of ["input", "weight", "", "what it adds"]) grid.append(element("span", { class: "head" }, word));
  rows.forEach((row, i) => {
    grid.append(element("label", {}, row.toggle, " ", names[i]), row.range, row.value, row.track);
  });
  grid.append(element("span", { class: "last" }, "threshold"), bar, barValue, sumTrack);
  const root = element("div", { class: "minitf-sliders", role: "group", "aria-label": "One neuron to try out" });
  root.append(grid, answer, reset);
  // JupyterLab would take these keys for its own and move to another cell.
  const ours = /^(Arrow.*|Home|End|Page.*|Enter| )$/;
  root.addEventListener("keydown", (event) => ours.test(event.key) && event.stopPropagation());
  el.append(root);

  function piece(from, to, label, scale) {
    const node = element("span", { class: to < from ? "piece minus" : "piece" }, element("b", {}, label));
    node.style.left = scale(Math.min(from, to)) + "%";
    node.style.width = scale(Math.max(from, to)) - scale(Math.min(from, to)) + "%";
    return node;
  }

  function line(at, kind, scale) {
    const node = element("span", { class: kind });
    node.style.left = scale(at) + "%";
    return node;
  }

  function draw() {
    const [inputs, weights, threshold] = ["inputs", "weights", "threshold"].map((key) => model.get(key));
    const { total, fires } = decision(inputs, weights, threshold);
    const ends = [0];
    weights.forEach((weight, i) => ends.push(ends[i] + inputs[i] * weight));
    const low = Math.min(-0.25, threshold - 0.25, ...ends.map((end) => end - 0.25));
    const high = Math.max(2.5, threshold + 0.25, ...ends.map((end) => end + 1)); // room for the last label
    const scale = (number) => (100 * (number - low)) / (high - low);
    rows.forEach((row, i) => {
      row.toggle.checked = inputs[i] === 1;
      row.range.value = weights[i];
      row.value.textContent = signed(weights[i]);
      row.track.replaceChildren(line(0, "zero", scale), line(threshold, "threshold", scale));
      if (inputs[i]) row.track.append(piece(ends[i], ends[i + 1], signed(weights[i]), scale));
    });
    bar.value = threshold;
    barValue.textContent = fixed(threshold);
    sumTrack.replaceChildren(
      line(0, "zero", scale), line(threshold, "threshold", scale), piece(0, total, `sum ${fixed(total)}`, scale));
    root.classList.toggle("fires", fires);
    answer.textContent = sentence(inputs, weights, threshold);
  }

  const watched = ["change:inputs", "change:weights", "change:threshold"];
  watched.forEach((event) => model.on(event, draw));
  draw();
  return () => watched.forEach((event) => model.off(event, draw));
}

export default { render };
