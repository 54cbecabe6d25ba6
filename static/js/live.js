// Keeps an open page's figures up to date: hears from the site when they changed, fetches the page, and puts what is new
// in the place of what is old, without moving what the reader looks at. Without it, a reload shows the same.

{
  const page = document.querySelector("[data-stream]");
  const TRIES = 4;
  let source;
  let tries = 0;
  let retry;
  let later;
  let waiting = false;

  // The stream

  const pageOf = (stream) => new URL(stream, location.href).searchParams.get("page");
  const seenBy = (stream) => new URL(stream, location.href).searchParams.get("seen");

  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(page.dataset.stream);
    source.addEventListener("open", () => {
      tries = 0;
    });
    source.addEventListener("figures", (event) => {
      if (event.data !== seenBy(page.dataset.stream)) soon(1000, 3);
    });
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      // Refused. What merely broke off, the browser connects again by itself.
      close();
      tries += 1;
      if (tries <= TRIES) retry = setTimeout(open, 15000 * 2 ** tries * (0.5 + Math.random()));
    });
  };

  const close = () => {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  };

  const openOrClose = () => {
    tries = 0;
    close();
    open();
  };

  // The notice

  const notice = document.createElement("div");
  const words = document.createElement("span");
  const dismiss = document.createElement("button");
  let fading;
  notice.className = "live-notice";
  words.setAttribute("role", "status");
  dismiss.type = "button";
  dismiss.textContent = "Dismiss";
  dismiss.addEventListener("click", () => notice.classList.remove("is-shown"));
  notice.append(words, dismiss);
  document.body.append(notice);

  const say = (...what) => {
    words.replaceChildren(...what);
    notice.classList.add("is-shown");
    clearTimeout(fading);
  };

  const sayUpdated = () => {
    const time = document.createElement("time");
    const now = new Date();
    time.dateTime = now.toISOString();
    time.textContent = now.toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hour12: false });
    say("Figures updated at ", time);
    fading = setTimeout(() => notice.classList.remove("is-shown"), 20000);
  };

  const sayGone = () => {
    const again = document.createElement("a");
    again.href = location.href;
    again.textContent = "Load it again";
    say("These figures are no longer published as they were. ", again);
  };

  // The update

  // Not all readers fetch at the same moment. What fails is tried so many times.
  const soon = (milliseconds, times) => {
    clearTimeout(later);
    if (times > 0) later = setTimeout(() => update(times), Math.random() * milliseconds);
  };

  const load = async () => {
    try {
      const answer = await fetch(location.pathname + location.search);
      return { status: answer.status, text: await answer.text() };
    } catch {
      return { status: 503 };
    }
  };

  const update = async (times) => {
    if (isSelecting()) {
      waiting = true;
      return;
    }
    const { status, text } = await load();
    if (status >= 500) {
      soon(10000, times - 1);
      return;
    }
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const coming = fresh.querySelector("[data-stream]");
    if (!coming) {
      close();
      sayGone();
    } else if (isSelecting()) {
      waiting = true;
    } else if (coming.dataset.stream === page.dataset.stream) {
      // Another instance of the site answered, and has not heard of it yet.
      soon(4000, times - 1);
    } else {
      put(fresh, coming.dataset.stream);
    }
  };

  const put = (fresh, stream) => {
    const moved = pageOf(stream) !== pageOf(page.dataset.stream);
    document.dispatchEvent(new CustomEvent("figures:coming", { detail: fresh }));
    const changed = keepInPlace(() => [...document.querySelectorAll("[data-live]")].filter((old) => {
      const next = fresh.getElementById(old.id);
      return next && !isInUse(old) && !old.isEqualNode(next) && become(old, next);
    }));
    page.dataset.stream = stream;
    document.title = fresh.title;
    document.dispatchEvent(new CustomEvent("figures:changed"));
    if (moved) openOrClose();
    if (changed.length) sayUpdated();
  };

  // Whether the reader has marked a text that may be about to change.
  const isSelecting = () => {
    const selection = getSelection();
    return selection.type === "Range"
      && [...document.querySelectorAll("[data-live]")].some((part) => selection.containsNode(part, true));
  };

  document.addEventListener("selectionchange", () => {
    if (!waiting || isSelecting()) return;
    waiting = false;
    soon(1000, 3);
  });

  // A form stays as it is while the reader is at it.
  const isInUse = (part) => part.matches("form")
    && (part.contains(document.activeElement)
      || [...part.querySelectorAll("option")].some((option) => option.selected !== option.defaultSelected));

  // Runs a change, and scrolls so that what is in sight stays where it is.
  const keepInPlace = (change) => {
    const root = document.documentElement;
    const inSight = [...document.querySelectorAll("main :is(h1, h2, h3, p, summary, tr, li, figure, dl, form)")]
      // What a closed fold holds has a place on the page as well.
      .filter((element) => !element.closest("nav") && element.checkVisibility?.() !== false)
      .map((element) => [element, element.getBoundingClientRect()])
      .filter(([, box]) => box.height > 0 && box.top >= 0 && box.top < innerHeight)
      .map(([element, box]) => [element, box.top]);
    // The browser's own way of doing this would come on top of it.
    root.style.overflowAnchor = "none";
    const changed = change();
    const kept = inSight.find(([element]) => element.isConnected);
    if (kept) {
      const [element, top] = kept;
      scrollBy({ top: element.getBoundingClientRect().top - top, behavior: "instant" });
    }
    requestAnimationFrame(() => root.style.removeProperty("overflow-anchor"));
    return changed;
  };

  const nameOf = (node) => node.id || node.getAttribute?.("aria-labelledby") || "";
  const isAlike = (old, next) => old.nodeName === next.nodeName && nameOf(old) === nameOf(next);

  // Makes a node like another one. What is the same in both stays the very same, with its focus, and as far as it was
  // unfolded.
  const become = (old, next) => {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== next.data) old.data = next.data;
      return true;
    }
    for (const { name } of [...old.attributes]) {
      if (name !== "open" && !next.hasAttribute(name)) old.removeAttribute(name);
    }
    for (const { name, value } of next.attributes) {
      if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    let at = old.firstChild;
    for (const child of [...next.childNodes]) {
      let like = at;
      while (like && !isAlike(like, child)) like = like.nextSibling;
      if (!like) {
        old.insertBefore(child, at);
        continue;
      }
      while (at !== like) {
        const gone = at;
        at = at.nextSibling;
        gone.remove();
      }
      at = at.nextSibling;
      if (!like.isEqualNode(child)) become(like, child);
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
    return true;
  };

  document.addEventListener("visibilitychange", openOrClose);
  addEventListener("pagehide", close);
  addEventListener("pageshow", openOrClose);
}
