// The article's form: how much there is, how a search engine may show it, and what its address will be. It puts text into the
// body for the other scripts ("editor-insert") and keeps the page from being left with text that nobody has.

for (const form of document.querySelectorAll("[data-editor]")) {
  const field = (name) => form.elements.namedItem(name);
  const body = field("body");

  // Inserting: what is undone with the keyboard stays undone with the keyboard.

  form.addEventListener("editor-insert", (event) => {
    const { text, from = body.selectionStart, to = body.selectionEnd, select } = event.detail;
    body.focus();
    body.setSelectionRange(from, to);
    const inserted = text === "" ? document.execCommand("delete") : document.execCommand("insertText", false, text);
    if (!inserted) {
      body.setRangeText(text, from, to, "end");
      body.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    if (select) body.setSelectionRange(from + select[0], from + select[1]);
  });

  // Counting.

  const words = () => (body.value.match(/[\p{L}\p{N}]+(?:['\u2019-][\p{L}\p{N}]+)*/gu) ?? []).length;
  const counts = form.querySelector("[data-counts]");
  const count = () => {
    const number = words();
    const minutes = Math.max(1, Math.round(number / 220));
    counts.textContent = `${number.toLocaleString("en")} ${number === 1 ? "word" : "words"}, about ${minutes} min to read`;
  };
  const lengths = () => {
    for (const line of form.querySelectorAll("[data-length]")) {
      const letters = [...field(line.dataset.length).value.trim()].length;
      const most = Number(line.dataset.most);
      line.textContent = letters === 0 ? "" : `${letters} letters${letters > most ? `: search engines cut off after about ${most}` : ""}`;
    }
  };

  // The search result, where the form has one.

  const hasResult = form.querySelector("[data-result]") !== null;
  const shown = (name) => form.querySelector(`[data-result-${name}]`);
  let suggested = field("slug").value;
  const result = () => {
    if (!hasResult) return;
    const title = field("seo_title").value.trim() || field("title").value.trim() || "No title yet";
    shown("title").textContent = `${title} \u00b7 ${form.dataset.site}`;
    shown("text").textContent = field("description").value.trim() || "No description yet: a search engine takes what it likes from the text.";
    shown("address").textContent = form.dataset.address + (field("slug").value.trim() || suggested || "\u2026");
  };

  // The address: suggested while there is none, and checked.

  const slug = field("slug");
  const problem = form.querySelector("[data-slug-problem]");
  let asking;
  const checkSlug = async () => {
    asking?.abort();
    asking = new AbortController();
    const query = new URLSearchParams({ title: field("title").value, slug: slug.value.trim(), article: form.dataset.article });
    if (!query.get("title").trim() && !query.get("slug")) {
      problem.textContent = "";
      return;
    }
    try {
      const answer = await fetch(`/admin/articles/slug?${query}`, { headers: { accept: "application/json" }, signal: asking.signal });
      if (!answer.ok) return;
      const found = await answer.json();
      suggested = found.slug;
      slug.placeholder = found.slug;
      problem.textContent = found.problem ?? "";
      result();
    } catch {
      // The address is checked again when the form is sent.
    }
  };
  let waiting;
  const checkSoon = () => {
    if (!hasResult) return;
    clearTimeout(waiting);
    waiting = setTimeout(checkSlug, 400);
  };
  slug.addEventListener("input", checkSoon);
  field("title").addEventListener("input", () => {
    if (!slug.value.trim()) checkSoon();
  });
  if (!slug.value.trim()) checkSoon();

  // A title is one line, and Enter does not send the whole form by mistake.

  field("title").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      field("summary").focus();
    }
  });

  // Leaving.

  let isSent = false;
  addEventListener("submit", (event) => {
    // The preview and its link open elsewhere; autosave.js may stop the form.
    isSent = !event.defaultPrevented && !event.submitter?.formTarget;
  });
  addEventListener("beforeunload", (event) => {
    if (!isSent && form.hasAttribute("data-unkept")) event.preventDefault();
  });
  addEventListener("pageshow", () => {
    isSent = false;
  });

  form.addEventListener("input", () => {
    lengths();
    result();
  });
  body.addEventListener("input", count);
  count();
  lengths();
  result();
}
