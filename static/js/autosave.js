// Keeps what is typed in the editor's working copy, every few seconds, and says so in words. While it cannot be kept there it
// is kept in this browser, and offered when the form is opened again. The published text is only changed by saving.

for (const form of document.querySelectorAll("[data-editor]")) {
  const said = form.querySelector("[data-saved]");
  const place = `payband-unsaved:${location.pathname}:${form.elements.namedItem("working_copy").value}`;
  const PAUSE = 1500;
  const LONGEST = 8000;
  const AGAIN = 10_000;

  const text = () => {
    const data = new FormData(form);
    data.delete("revision_name");
    return new URLSearchParams(data).toString();
  };
  const stored = (work) => {
    // A browser may keep nothing, or have no room.
    try {
      return work(localStorage);
    } catch {
      return null;
    }
  };
  const say = (words, isProblem = false) => {
    said.classList.toggle("is-problem", isProblem);
    // That all is well need not be read out every few seconds.
    said.setAttribute("aria-live", isProblem ? "polite" : "off");
    said.replaceChildren(words);
  };
  const at = (time) => time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

  let kept = text();
  let timer;
  let firstChange = 0;
  let keeping = null;

  const soon = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(keep, pause);
  };

  /** Keeps what is typed now: "kept", "busy", or "stay" where the form had better not be sent. */
  async function keep() {
    clearTimeout(timer);
    if (keeping) {
      await keeping;
    }
    const now = text();
    if (now === kept) return "kept";
    keeping = send(now);
    const outcome = await keeping;
    keeping = null;
    return outcome;
  }

  async function send(now) {
    firstChange = 0;
    say("Keeping your text \u2026");
    let answer;
    try {
      answer = await fetch(form.dataset.copy, {
        method: "POST",
        headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
        body: now,
        redirect: "manual",
      });
    } catch {
      say("No connection: your text is kept in this browser and sent as soon as there is one.", true);
      later(now);
      return "stay";
    }
    if (answer.ok) {
      const { copy, newer } = await answer.json();
      kept = now;
      if (copy !== null && form.elements.namedItem("revision").value === "0") {
        form.elements.namedItem("working_copy").value = copy;
        kept = text();
      }
      stored((storage) => storage.removeItem(place));
      if (text() === kept) form.removeAttribute("data-unkept");
      if (newer) {
        say(`${newer.editor ?? "Somebody"} saved another version meanwhile. When you save, you see both. Your text is kept, ${at(new Date())}`, true);
      } else {
        say(`Not saved yet; kept as you type, ${at(new Date())}`);
      }
      return "kept";
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") {
      const link = document.createElement("a");
      Object.assign(link, { href: "/admin/sign-in", target: "_blank", textContent: "Sign in in another tab" });
      const words = document.createDocumentFragment();
      words.append("You are signed out. ", link, ", and go on here: your text stays.");
      say(words, true);
      later(now);
      return "stay";
    }
    if (answer.status === 413) {
      say("The text is too long to be kept while you type.", true);
    } else {
      say("The site is busy: your text is kept in this browser and sent again in a moment.", true);
    }
    later(now);
    return "busy";
  }

  function later(now) {
    stored((storage) => storage.setItem(place, JSON.stringify({ at: Date.now(), text: now })));
    soon(AGAIN);
  }

  form.addEventListener("input", () => {
    form.setAttribute("data-unkept", "");
    firstChange ||= Date.now();
    // Who types without a pause is kept too.
    soon(Math.max(0, Math.min(PAUSE, firstChange + LONGEST - Date.now())));
  });
  addEventListener("online", keep);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" || form.hasAttribute("data-unkept")) keep();
  });

  // Who is signed out, or has no connection, does not lose the text by saving.
  let isChecked = false;
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.formTarget || isChecked) return;
    event.preventDefault();
    const submitter = event.submitter;
    kept = null;
    if ((await keep()) === "stay") {
      said.scrollIntoView({ block: "nearest" });
      return;
    }
    clearTimeout(timer);
    isChecked = true;
    form.removeAttribute("data-unkept");
    form.requestSubmit(submitter);
    // Where the browser stops it, it is checked again.
    setTimeout(() => {
      isChecked = false;
    }, 3000);
  });

  // What this browser kept when the server could not be reached.
  const left = stored((storage) => JSON.parse(storage.getItem(place)));
  if (left && left.text !== kept) {
    const offer = document.createElement("div");
    offer.className = "notice offer";
    const words = document.createElement("p");
    words.textContent = `This browser has text from ${new Date(left.at).toLocaleString()} that could not be sent.`;
    const actions = document.createElement("div");
    actions.className = "offer-actions";
    const button = (label, act) => {
      const made = document.createElement("button");
      Object.assign(made, { type: "button", textContent: label });
      made.addEventListener("click", () => {
        act();
        offer.remove();
      });
      actions.append(made);
    };
    button("Use it", () => {
      for (const [name, value] of new URLSearchParams(left.text)) {
        const field = form.elements.namedItem(name);
        if (field && name !== "revision" && name !== "working_copy") field.value = value;
      }
      form.dispatchEvent(new Event("input", { bubbles: true }));
      form.elements.namedItem("body").dispatchEvent(new Event("input", { bubbles: true }));
    });
    button("Discard it", () => stored((storage) => storage.removeItem(place)));
    offer.append(words, actions);
    form.before(offer);
  }
}
