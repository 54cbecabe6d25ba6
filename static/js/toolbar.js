// The toolbar above the text, its keyboard shortcuts, and the picker of live figures.

for (const form of document.querySelectorAll("[data-editor]")) {
  const body = form.elements.namedItem("body");
  const toolbar = form.querySelector("[data-toolbar]");
  const isMac = navigator.platform.startsWith("Mac");
  const insert = (detail) => form.dispatchEvent(new CustomEvent("editor-insert", { detail }));
  const selected = () => body.value.slice(body.selectionStart, body.selectionEnd);

  /** Puts signs around what is selected, or takes them away where they are there. */
  const around = (sign, example) => {
    const [from, to] = [body.selectionStart, body.selectionEnd];
    const text = selected();
    const before = body.value.slice(from - sign.length, from);
    const after = body.value.slice(to, to + sign.length);
    if (text && before === sign && after === sign) {
      insert({ text, from: from - sign.length, to: to + sign.length, select: [0, text.length] });
    } else {
      const inner = text || example;
      insert({ text: sign + inner + sign, select: [sign.length, sign.length + inner.length] });
    }
  };

  /** The whole lines that the selection touches. */
  const lines = () => {
    const from = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
    const end = body.value.indexOf("\n", Math.max(body.selectionEnd - 1, from));
    return { from, to: end < 0 ? body.value.length : end };
  };

  /** Changes each line of the selection. */
  const eachLine = (change) => {
    const { from, to } = lines();
    const text = body.value.slice(from, to).split("\n").map(change).join("\n");
    insert({ text, from, to, select: [0, text.length] });
  };

  /** Puts a mark before each line, or takes it away where all have it. */
  const mark = (pattern, make) => {
    const { from, to } = lines();
    const all = body.value.slice(from, to).split("\n");
    const isMarked = all.every((line) => line.trim() === "" || pattern.test(line));
    eachLine((line, index) => {
      if (isMarked) return line.replace(pattern, "");
      return line.trim() === "" && all.length > 1 ? line : make(index) + line.replace(/^(#{1,6} |> |[-*] |\d+\. )/, "");
    });
  };

  const heading = () => {
    const { from, to } = lines();
    const line = body.value.slice(from, to);
    const level = /^(#{0,6}) ?/.exec(line)[1].length;
    const text = line.replace(/^#{0,6} ?/, "");
    // None, second level, third level, none.
    const next = level < 2 ? "## " : level === 2 ? "### " : "";
    insert({ text: next + text, from, to, select: [next.length, next.length + text.length] });
  };

  const link = () => {
    const text = selected();
    if (/^(https?:\/\/|\/)\S+$/.test(text)) {
      insert({ text: `[text](${text})`, select: [1, 5] });
    } else {
      const inner = text || "text";
      const address = "https://";
      insert({ text: `[${inner}](${address})`, select: text ? [inner.length + 3, inner.length + 3 + address.length] : [1, 1 + inner.length] });
    }
  };

  /** A block of its own, with an empty line before and after it. */
  const block = (text, select) => {
    const before = body.value.slice(0, body.selectionStart);
    const after = body.value.slice(body.selectionEnd);
    const above = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const below = after === "" || after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
    insert({ text: above + text + below, select: select && select.map((place) => place + above.length) });
  };

  const code = () => {
    const text = selected();
    if (text.includes("\n") || (text === "" && /(^|\n)$/.test(body.value.slice(0, body.selectionStart)))) {
      block(`\`\`\`python\n${text.replace(/\n$/, "")}\n\`\`\``, [3, 9]);
    } else {
      around("`", "code");
    }
  };

  const table = () => block("| Column | Column |\n| --- | --- |\n| | |\n| | |", [2, 8]);

  const picture = () => {
    const chooser = document.createElement("input");
    chooser.type = "file";
    chooser.accept = "image/*";
    chooser.addEventListener("change", () => {
      if (chooser.files.length) form.dispatchEvent(new CustomEvent("editor-picture", { detail: [...chooser.files] }));
    });
    chooser.click();
  };

  const figures = form.querySelector("[data-figures]");
  figures.classList.add("by-button");
  const openFigures = () => {
    figures.open = !figures.open;
    if (figures.open) figures.querySelector("select").focus();
  };

  const tools = [
    ["Bold", "b", () => around("**", "bold"), "B"],
    ["Italic", "i", () => around("*", "italic"), "I"],
    ["Heading", "h", heading, "Heading"],
    ["Link", "k", link, "Link"],
    ["List", "l", () => mark(/^[-*] /, () => "- "), "List"],
    ["Numbered list", "o", () => mark(/^\d+\. /, (index) => `${index + 1}. `), "Numbered"],
    ["Quote", "q", () => mark(/^> /, () => "> "), "Quote"],
    ["Code", "e", code, "Code"],
    ["Table", "", table, "Table"],
    ["Picture", "", picture, "Picture"],
    ["Live figure", "", openFigures, "Figure"],
  ];
  // These letters mean something else to browsers without Shift.
  const withShift = new Set(["h", "l", "o", "q"]);

  const buttons = tools.map(([name, key, act, face], index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = face;
    button.className = `tool tool-${name.toLowerCase().replace(" ", "-")}`;
    const keys = key && `${isMac ? "\u2318" : "Ctrl+"}${withShift.has(key) ? (isMac ? "\u21e7" : "Shift+") : ""}${key.toUpperCase()}`;
    button.title = keys ? `${name} (${keys})` : name;
    button.setAttribute("aria-label", name);
    if (key) button.setAttribute("aria-keyshortcuts", `${isMac ? "Meta" : "Control"}+${withShift.has(key) ? "Shift+" : ""}${key.toUpperCase()}`);
    button.tabIndex = index === 0 ? 0 : -1;
    button.addEventListener("click", act);
    // The selection in the text stays.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    toolbar.append(button);
    return button;
  });
  toolbar.hidden = false;

  // One tab stop for all buttons; arrows go from one to the other.
  toolbar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = buttons[(to + buttons.length) % buttons.length];
    buttons[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  body.addEventListener("keydown", (event) => {
    const isCommand = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    if (!isCommand || event.altKey) return;
    const key = event.key.toLowerCase();
    const tool = tools.find(([, own]) => own && own === key && withShift.has(own) === event.shiftKey);
    if (tool) {
      event.preventDefault();
      tool[2]();
    }
  });

  // Enter goes on with a list or a quote, and ends it where there is nothing in it.
  body.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (body.selectionStart !== body.selectionEnd) return;
    const from = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
    const line = body.value.slice(from, body.selectionStart);
    const begun = /^(\s*)(> |[-*] |(\d+)\. )(.*)$/.exec(line);
    if (!begun) return;
    event.preventDefault();
    if (begun[4].trim() === "") {
      insert({ text: "", from, to: body.selectionStart });
    } else {
      const sign = begun[3] ? `${Number(begun[3]) + 1}. ` : begun[2];
      insert({ text: `\n${begun[1]}${sign}` });
    }
  });

  addEventListener("keydown", (event) => {
    if ((isMac ? event.metaKey : event.ctrlKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.primary"));
    }
  });

  // The picker of live figures.
  const picker = figures.querySelector("[data-insert-figure]");
  picker.parentElement.hidden = false;
  picker.addEventListener("click", () => {
    const chosen = (name) => figures.querySelector(`#figure-${name}`);
    const kind = chosen("kind").selectedOptions[0];
    const technology = chosen("technology").value;
    const subject = chosen("role").value + (technology && `/${technology}`);
    const seniority = chosen("seniority").value;
    const text = `{{ ${[kind.value, subject, seniority].filter(Boolean).join(" ")} }}`;
    if (kind.hasAttribute("data-alone")) block(text);
    else insert({ text });
    figures.open = false;
  });
}
