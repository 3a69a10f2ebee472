// Filters and sorts the rows that are there, and keeps the filters in the address. Nothing is made here that could
// not be read without it.
"use strict";
(() => {
  const root = document.documentElement;
  const form = document.querySelector("form.filters");
  const table = document.querySelector("table.accounts");
  const body = table.tBodies[0];
  const output = form.querySelector("output");
  const none = document.querySelector(".none");
  const fields = ["q", "status", "ou", "wave", "cause"].filter((name) => form.elements[name]);
  const rows = Array.from(body.rows, (row) => ({
    row,
    status: row.dataset.s,
    cause: row.dataset.c || "",
    ou: row.cells[3].textContent,
    wave: row.cells[4].textContent,
    text: null,
  }));
  root.classList.add("scripted");

  // The text of every row is gathered when somebody searches for the first time.
  const text = (entry) => (entry.text ??= entry.row.textContent.toLowerCase());

  // What a list does not have is asked for by an address, and selects nobody rather than everybody.
  const valueOf = (field) => (field.selectedIndex === -1 ? "?" : field.value.trim());
  const wanted = () => Object.fromEntries(fields.map((name) => [name, valueOf(form.elements[name])]));

  const isBelow = (unit, above) => above === "Root" || unit === above || unit.startsWith(above + "/");

  const filter = () => {
    const { q, status, ou, wave, cause } = wanted();
    const words = (q || "").toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of rows) {
      const fits =
        (!status || entry.status === status) &&
        (!ou || isBelow(entry.ou, ou)) &&
        (!wave || entry.wave === wave) &&
        (!cause || entry.cause === cause) &&
        words.every((word) => text(entry).includes(word));
      if (entry.row.hidden === fits) entry.row.hidden = !fits;
      if (fits) shown += 1;
    }
    const all = `${rows.length} account${rows.length === 1 ? "" : "s"}`;
    output.value = shown === rows.length ? all : `${shown} of ${all}`;
    none.hidden = shown > 0;
  };

  const address = () => {
    const set = Object.entries(wanted()).filter(([, value]) => value);
    return set.length ? "#" + set.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&") : "#accounts";
  };

  // Takes the filters from the address; false where it names a place of the page instead.
  const take = () => {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) return false;
    const asked = new URLSearchParams(hash);
    for (const name of fields) {
      const field = form.elements[name];
      field.value = asked.get(name) || "";
      if (field.value !== (asked.get(name) || "")) field.selectedIndex = -1;
    }
    return true;
  };

  const reset = () => {
    for (const name of fields) form.elements[name].value = "";
    filter();
  };

  const arrive = (event) => {
    if (take()) {
      filter();
      if (event) document.getElementById("accounts").scrollIntoView();
      return;
    }
    const row = location.hash.startsWith("#a-") && document.getElementById(location.hash.slice(1));
    if (row) {
      if (row.hidden) reset();
      const details = row.querySelector("details");
      if (details) details.open = true;
      row.scrollIntoView({ block: "center" });
    } else if (event && event.type === "popstate") {
      reset();
    }
  };

  // A choice is a step that the back button takes back; a letter is not.
  form.elements.q.addEventListener("input", () => {
    filter();
    history.replaceState(null, "", address());
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "q") return;
    filter();
    history.pushState(null, "", address());
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    reset();
    history.pushState(null, "", address());
  });
  none.querySelector("button").addEventListener("click", () => form.requestSubmit ? form.reset() : reset());
  window.addEventListener("popstate", arrive);

  const key = (cell) => (cell.dataset.n === undefined ? cell.textContent : Number(cell.dataset.n));
  const compare = (one, other) => {
    if (typeof one === "number" && typeof other === "number") return one - other;
    if (typeof one === "number" || typeof other === "number") return typeof one === "number" ? -1 : 1;
    return one < other ? -1 : one > other ? 1 : 0;
  };
  const original = new Map(rows.map((entry, index) => [entry.row, index]));
  const rank = Array.from(form.elements.status.options, (option) => option.value);
  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = Array.from(body.rows, (row) => [column === 0 ? rank.indexOf(row.dataset.s) : key(row.cells[column]), row]);
      keyed.sort(([one, row], [other, beside]) => (down ? compare(other, one) : compare(one, other)) || original.get(row) - original.get(beside));
      const sorted = document.createDocumentFragment();
      for (const [, row] of keyed) sorted.append(row);
      body.append(sorted);
    });
  });

  const copied = (button) => {
    const before = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = before), 1500);
  };
  // A file that was opened from a mail may not be let near the clipboard by the newer way.
  const copyByHand = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  for (const button of document.querySelectorAll("button.copy")) {
    button.addEventListener("click", async () => {
      const text = button.dataset.copy;
      const done = await Promise.resolve(navigator.clipboard?.writeText(text)).then(() => Boolean(navigator.clipboard), () => false);
      if (done || copyByHand(text)) copied(button);
      button.focus();
    });
  }

  arrive();
})();
