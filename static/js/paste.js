// What is pasted or dropped into the text: formatted text becomes Markdown, pictures are uploaded.

/** Formatted text as Markdown. Only structure and emphasis are kept. */
const markdownOf = (() => {
  const BLOCKS = new Set(["ADDRESS", "ARTICLE", "ASIDE", "BLOCKQUOTE", "DD", "DIV", "DL", "DT", "FIGCAPTION", "FIGURE", "FOOTER", "H1", "H2", "H3", "H4", "H5", "H6", "HEADER", "HR", "LI", "MAIN", "OL", "P", "PRE", "SECTION", "TABLE", "UL"]);
  const NOTHING = new Set(["SCRIPT", "STYLE", "TEMPLATE", "HEAD", "META", "LINK", "TITLE", "NOSCRIPT", "SVG", "BUTTON", "INPUT", "SELECT", "TEXTAREA", "IFRAME", "OBJECT"]);

  const escaped = (text) => text.replace(/[\\`*_[\]]/g, "\\$&").replace(/</g, "&lt;");
  // What begins a line must not look like a heading, a list or a quote.
  const lineSafe = (text) => text.replace(/^(\s*)([#>+-]|\d+(?=[.)]))(?=\s|[.)]|$)/, (_, space, sign) => (/\d/.test(sign) ? `${space}${sign}\\` : `${space}\\${sign}`));

  /** Signs around a text, outside the spaces at its ends. */
  const wrapped = (sign, text) => {
    const [, before, inner, after] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text);
    return inner ? before + sign + inner + sign + after : text;
  };

  // Styles are read as text: the page's policy lets none be applied.
  const styled = (node, style) => style.test(node.getAttribute("data-style") ?? "");
  const isBold = (node) => /^(B|STRONG)$/.test(node.tagName) ? !styled(node, /font-weight:\s*(normal|[1-5]00)/i) : styled(node, /font-weight:\s*(bold|[6-9]00)/i);
  const isItalic = (node) => /^(I|EM|CITE)$/.test(node.tagName) ? !styled(node, /font-style:\s*normal/i) : styled(node, /font-style:\s*italic/i);

  const codeOf = (text) => {
    const fence = text.includes("`") ? "``" : "`";
    const room = fence.length > 1 ? " " : "";
    return text.trim() ? fence + room + text.trim() + room + fence : "";
  };

  const inline = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return escaped(node.textContent.replace(/[ \t\r\n\u00a0]+/g, " "));
    if (node.nodeType !== Node.ELEMENT_NODE || NOTHING.has(node.tagName.toUpperCase())) return "";
    if (node.tagName === "BR") return "\\\n";
    if (/^(CODE|KBD|SAMP|TT)$/.test(node.tagName)) return codeOf(node.textContent);
    if (node.tagName === "IMG") return pictureOf(node);
    let text = [...node.childNodes].map(inline).join("");
    if (node.tagName === "A") return linkOf(node, text);
    if (/^(DEL|S|STRIKE)$/.test(node.tagName)) text = wrapped("~~", text);
    if (isItalic(node)) text = wrapped("*", text);
    if (isBold(node)) text = wrapped("**", text);
    return text;
  };

  const linkOf = (node, text) => {
    const href = node.getAttribute("href") ?? "";
    if (!/^(https?:|mailto:|\/|#)/i.test(href) || !text.trim()) return text;
    const address = href.replace(/[\s()<>]/g, encodeURIComponent);
    return `[${text.trim()}](${address})`;
  };

  const pictureOf = (node) => {
    // Pictures of other sites are not shown here: only what this site has can stay.
    const src = node.getAttribute("src") ?? "";
    return src.startsWith("/images/") ? `![${escaped(node.alt)}](${src})` : "";
  };

  const paragraph = (nodes) => {
    const text = nodes.map(inline).join("").replace(/[ \t]+/g, " ").replace(/^(\\\n|\s)+|(\\\n|\s)+$/g, "");
    return lineSafe(text);
  };

  const indented = (text, first) => text.split("\n").map((line, index) => (index === 0 ? first + line : line && " ".repeat(first.length) + line)).join("\n");

  const list = (node) => {
    let number = Number(node.getAttribute("start") ?? 1);
    const items = [...node.children].filter((child) => child.tagName === "LI" || /^[OU]L$/.test(child.tagName));
    return items.map((item) => {
      // Some programs put a list into a list, without an item.
      if (item.tagName !== "LI") return indented(list(item), "  ");
      const sign = node.tagName === "OL" ? `${number++}. ` : "- ";
      return indented(blocks(item, true), sign);
    }).join("\n");
  };

  const table = (node) => {
    const rows = [...node.rows].map((row) => [...row.cells].map((cell) => paragraph([...cell.childNodes]).replace(/\\?\n/g, " ").replace(/\|/g, "\\|")));
    const width = Math.max(0, ...rows.map((row) => row.length));
    if (width === 0) return "";
    if (width === 1 && rows.length === 1) return blocks(node.rows[0].cells[0]);
    const line = (cells) => `| ${Array.from({ length: width }, (_, index) => cells[index] ?? "").join(" | ")} |`;
    return [line(rows[0]), line(Array(width).fill("---")), ...rows.slice(1).map(line)].join("\n");
  };

  const block = (node) => {
    const level = /^H([1-6])$/.exec(node.tagName)?.[1];
    if (level) {
      // The page's own title is the only heading of the first level.
      const text = paragraph([...node.childNodes]).replace(/\\?\n/g, " ").replace(/^\*\*([\s\S]*)\*\*$/, "$1");
      return text && `${"#".repeat(Math.max(2, Number(level)))} ${text}`;
    }
    switch (node.tagName) {
      case "HR": return "---";
      case "PRE": {
        const language = /language-(\w+)/.exec(node.innerHTML)?.[1] ?? "";
        return `\`\`\`${language}\n${node.textContent.replace(/\n$/, "")}\n\`\`\``;
      }
      case "UL": case "OL": return list(node);
      case "TABLE": return table(node);
      case "BLOCKQUOTE": return blocks(node).split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");
      default: return blocks(node);
    }
  };

  /** The blocks in a node, and paragraphs of what stands between them. */
  function blocks(node, isTight = false) {
    const parts = [];
    let loose = [];
    const end = () => {
      const text = paragraph(loose);
      if (text) parts.push({ text, isList: false });
      loose = [];
    };
    for (const child of node.childNodes) {
      const tag = child.nodeType === Node.ELEMENT_NODE ? child.tagName.toUpperCase() : "";
      if (NOTHING.has(tag)) continue;
      // Some programs put whole pages into a bold or a span.
      const holdsBlocks = tag && [...child.children].some((inner) => BLOCKS.has(inner.tagName));
      if (BLOCKS.has(tag) || (holdsBlocks && tag !== "A")) {
        end();
        const text = BLOCKS.has(tag) ? block(child) : blocks(child);
        if (text) parts.push({ text, isList: /^[OU]L$/.test(tag) });
      } else {
        loose.push(child);
      }
    }
    end();
    return parts.reduce((all, { text, isList }, index) => all + (index === 0 ? "" : isTight && isList ? "\n" : "\n\n") + text, "");
  }

  return (html) => {
    const unstyled = html.replace(/(<[^>]*?\s)style(?==)/gi, "$1data-style").replace(/<style[\s\S]*?<\/style>/gi, "");
    return blocks(new DOMParser().parseFromString(unstyled, "text/html").body).trim();
  };
})();

for (const form of document.querySelectorAll("[data-editor]")) {
  const body = form.elements.namedItem("body");
  const said = form.querySelector("[data-counts]");
  const insert = (detail) => form.dispatchEvent(new CustomEvent("editor-insert", { detail }));
  const pictures = (data) => [...data.files].filter((file) => file.type.startsWith("image/"));

  let asText = false;
  body.addEventListener("keydown", (event) => {
    // With Shift everything is pasted as it is.
    asText = event.shiftKey;
  });

  body.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    const html = data.getData("text/html");
    const plain = data.getData("text/plain");
    const files = pictures(data);
    if (files.length && !plain) {
      event.preventDefault();
      upload(files);
      return;
    }
    const selected = body.value.slice(body.selectionStart, body.selectionEnd);
    if (selected && !selected.includes("\n") && /^https?:\/\/\S+$/.test(plain.trim())) {
      event.preventDefault();
      insert({ text: `[${selected}](${plain.trim()})` });
      return;
    }
    if (!html || asText) return;
    const markdown = markdownOf(html);
    // A program's text is its text: nothing is gained by its colours.
    if (!markdown || markdown.replace(/\\/g, "") === plain.trim() || isProgram(html)) return;
    event.preventDefault();
    insert({ text: markdown });
  });

  const isProgram = (html) => /<(meta|div)[^>]*(vscode|monospace)/i.test(html) && !/<(h[1-6]|ul|ol|table|a)\b/i.test(html);

  body.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  body.addEventListener("drop", (event) => {
    const files = pictures(event.dataTransfer);
    if (!files.length) return;
    event.preventDefault();
    upload(files);
  });
  form.addEventListener("editor-picture", (event) => upload(event.detail));

  async function upload(files) {
    for (const file of files) {
      const alt = await described(file);
      if (alt === null) continue;
      const mark = `![Uploading ${file.name.replace(/[[\]()\\]/g, "")} \u2026]()`;
      insert({ text: mark });
      const found = await send(file, alt);
      const from = body.value.indexOf(mark);
      if (from < 0) continue;
      insert({ text: found.markdown ?? "", from, to: from + mark.length });
      if (found.problem ?? found.remark) said.textContent = found.problem ?? found.remark;
    }
  }

  async function send(file, alt) {
    const data = new FormData();
    data.append("alt", alt);
    data.append("file", file, file.name || "pasted.png");
    try {
      const answer = await fetch("/admin/images", { method: "POST", headers: { accept: "application/json" }, body: data, redirect: "manual" });
      if (answer.ok) return await answer.json();
      if (answer.status === 401) return { problem: "You are signed out: sign in in another tab, and put the picture in again." };
      const told = await answer.json().catch(() => ({}));
      return { problem: told.error ?? "The picture was not taken." };
    } catch {
      return { problem: "The picture could not be sent: there is no connection." };
    }
  }

  /** Asks what a picture shows; `null` where it is not to be put in. */
  function described(file) {
    const dialog = document.createElement("dialog");
    dialog.className = "picture-dialog";
    dialog.setAttribute("aria-labelledby", "picture-title");
    const ask = document.createElement("form");
    ask.method = "dialog";
    ask.innerHTML = '<h2 id="picture-title"></h2><div class="field"><label for="picture-alt">What does it show?</label><p class="hint" id="picture-hint">Read to those who do not see it.</p><input id="picture-alt" required maxlength="300" autocomplete="off" aria-describedby="picture-hint"></div><div class="actions"><button class="primary" value="ok">Put it in</button><button value="" formnovalidate>Leave it out</button></div>';
    ask.querySelector("h2").textContent = file.name || "A picture";
    dialog.append(ask);
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        const alt = ask.querySelector("input").value.trim();
        resolve(dialog.returnValue === "ok" && alt ? alt : null);
        dialog.remove();
      });
    });
  }
}
