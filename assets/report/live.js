"use strict";
// Puts each new version of the report in the place of the one shown. Without it the page reads the same, and reloads itself.
(() => {
  const line = document.getElementById("live");
  let shown = Number(document.body.dataset.version);
  let wanted = shown;
  let loading = false;
  let closed = false;
  let trouble = null;

  const say = (text, bad) => {
    line.textContent = text;
    line.className = bad ? "bad" : "";
  };
  const fresh = () => {
    if (trouble) say(`Not up to date: ${trouble}`, true);
    else say(closed ? "Closed: this is the last version." : "Live: follows the deployment.", false);
  };
  const key = (details) => details.id || details.querySelector("summary").textContent;

  const put = (page) => {
    const open = new Set([...document.querySelectorAll("details[open]")].map(key));
    for (const part of ["header", "main", "footer"]) {
      document.querySelector(part).replaceWith(document.adoptNode(page.querySelector(part)));
    }
    for (const details of document.querySelectorAll("details")) {
      details.open = open.has(key(details));
    }
    document.title = page.title;
  };

  const load = async () => {
    if (loading) return;
    loading = true;
    try {
      while (wanted > shown) {
        const answer = await fetch("./", { cache: "no-store" });
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        put(page);
        shown = Number(page.body.dataset.version);
        fresh();
      }
    } catch {
      say("Not up to date: no connection.", true);
      setTimeout(load, 3000);
    } finally {
      loading = false;
    }
  };

  const events = new EventSource("events");
  events.addEventListener("report", (event) => {
    const told = JSON.parse(event.data);
    closed = told.closed;
    trouble = told.trouble;
    if (trouble) fresh();
    // A server that was started anew counts from one again.
    wanted = told.version;
    if (wanted < shown) shown = 0;
    if (wanted === shown) fresh();
    if (closed && !trouble) events.close();
    load();
  });
  events.onerror = () => say("Not up to date: no connection.", true);
})();
