// The search page: sections that say what was asked, the best first, with the place where they do.

(() => {
  const MOST = 20; // results
  const LONGEST = 200; // characters of a question
  const WIDTH = 220; // characters of an excerpt
  const STOP = new Set(
    "a an and are as at be but by can do does for from has have how i in into is it its me my of on or our so than that the their then there these this to vs was what when where which who why will with you your".split(" "),
  );
  const ENDINGS = "e|es|ed|ing|ings|er|ers|or|ors|s|y|ies|ied|al|ly|ive|able|ion|ions|ation|ations|ic|ity|ness|ment|ments";
  const LATER = new Set(["References", "Check yourself", "Solutions"]); // they repeat what others say
  const WORD = /[\p{L}\p{N}_]+/gu;

  const field = document.querySelector(".bd-search-container form.bd-search input");
  const status = document.getElementById("search-status");
  const results = document.getElementById("search-results");
  const here = document.currentScript.src;
  let book = null;

  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

  /* A word without its ending, as far as a rule of a few lines can know it. */
  function stemOf(word) {
    if (word.length < 5) return word.length > 3 ? word.replace(/s$/, "") : word;
    const stem = word.replace(/(?:ings?|ed|s)$/, "").replace(/([^aeiouls])\1$/, "$1");
    return (stem.length < 3 ? word : stem).replace(/(?<=...)(?:e|y|i|ion|ation)$/, "");
  }

  /* What finds the words of a phrase, one after the other: with other endings, or any end at all. */
  function finder(phrase, ending = `(?:[\\p{L}]?(?:${ENDINGS}))?(?![\\p{L}\\p{N}_])`) {
    const words = phrase.toLowerCase().match(WORD) ?? [];
    const parts = words.map((word) => escaped(stemOf(word)) + ending);
    return parts.length ? new RegExp(`(?<![\\p{L}\\p{N}_])${parts.join("[^\\p{L}\\p{N}]+")}`, "giu") : null;
  }

  /* What was asked, as concepts: each a list of [what finds it, how much that counts]. */
  function conceptsOf(query) {
    let rest = query.toLowerCase();
    const concepts = [];
    for (const group of book.names) {
      const said = group.find((name) => finder(name).test(rest));
      if (!said) continue;
      rest = rest.replace(finder(said), " ");
      concepts.push({ said, ways: group.map((name) => [finder(name), name === said ? 1 : 0.6]) });
    }
    const words = rest.match(WORD) ?? [];
    const telling = words.filter((word) => !STOP.has(word));
    for (const word of new Set(telling.length || concepts.length ? telling : words)) {
      const whole = finder(word);
      const known = book.sections.some(({ all }) => all.search(whole) >= 0);
      const begins = word.length > 2 ? finder(word, "[\\p{L}\\p{N}]*") : whole;
      concepts.push({ said: word, ways: [[known ? whole : begins, 1]] });
    }
    return concepts;
  }

  const count = (text, way) => text.match(way)?.length ?? 0;

  /* Each section that has something of it, with its score. Rare words count more (as in BM25), long
     texts need more of them, and a title says what its section is about. */
  function rank(query) {
    const concepts = conceptsOf(query);
    for (const concept of concepts) {
      const hits = book.sections.map(({ all }) => concept.ways.reduce((sum, [way, weight]) => sum + weight * (all.search(way) >= 0), 0));
      concept.weight = Math.log(1 + book.sections.length / (0.5 + hits.filter(Boolean).length));
      concept.found = hits.some(Boolean);
    }
    const asked = query.trim().toLowerCase();
    const scored = book.sections.map((section) => {
      const own = section.titles.at(-1);
      const above = section.titles.slice(0, -1).join(" ");
      const long = 1.2 * (0.4 + (0.6 * section.all.length) / book.mean);
      let [score, matched] = [0, 0];
      for (const { ways, weight } of concepts) {
        let best = 0;
        for (const [way, counts] of ways) {
          const often = count(section.text, way) + 0.5 * count(section.code, way);
          best += counts * (often / (often + long) + 1.5 * (count(own, way) > 0) + 0.4 * (count(above, way) > 0));
        }
        score += weight * best;
        matched += best > 0;
      }
      if (own.toLowerCase() === asked) score *= 1.5;
      if (LATER.has(own)) score *= 0.4;
      return { section, score: score * (matched / concepts.length) ** 2 };
    });
    const best = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
    return { best: best.slice(0, MOST), total: best.length, concepts };
  }

  /* So much of a text from a place on, to the end of a word. */
  function cut(text, start, least) {
    const end = start + WIDTH >= text.length ? text.length : text.lastIndexOf(" ", start + WIDTH);
    return `${start ? "… " : ""}${text.slice(start, Math.max(end, start + least))}${end < text.length ? " …" : ""}`;
  }

  /* Where a text says most of it; null where it says nothing. */
  function excerpt(text, ways) {
    const hits = ways.flatMap((way, i) => [...text.matchAll(way)].map((hit) => ({ i, at: hit.index })));
    if (!hits.length) return null;
    const near = ({ at }) => new Set(hits.filter((one) => one.at >= at && one.at < at + WIDTH * 0.8).map(({ i }) => i)).size;
    const { at } = hits.reduce((best, one) => (near(one) > near(best) ? one : best));
    const start = at < 60 ? 0 : text.indexOf(" ", at - 60) + 1;
    return cut(text, start, at - start + 1);
  }

  /* A text with what is found in it marked; text stays text. */
  function marked(text, ways) {
    const spans = ways.flatMap((way) => [...text.matchAll(way)].map((hit) => [hit.index, hit.index + hit[0].length]));
    const nodes = [];
    let done = 0;
    for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
      if (from < done) continue;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(from, to);
      nodes.push(text.slice(done, from), mark);
      done = to;
    }
    return [...nodes, text.slice(done)];
  }

  function show({ section, ways }) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `${section.page}#${section.anchor}`;
    link.append(...marked(section.titles.join(" › "), ways));
    const line = document.createElement("p");
    const said = excerpt(section.text, ways);
    const code = !said && excerpt(section.code, ways);
    line.append(...marked(said || code || cut(section.text, 0, 1), ways));
    item.append(link, line);
    return item;
  }

  /* How many letters differ, between words of which one was perhaps meant for the other. */
  function distance(a, b) {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
      }
      row = next;
    }
    return row[b.length];
  }

  function nearTo(word) {
    book.words ??= [...new Set([...book.names.flat(), ...book.sections.flatMap(({ all }) => all.toLowerCase().match(WORD) ?? [])])];
    const close = book.words
      .filter((other) => Math.abs(other.length - word.length) < 3 && other.length > 3 && !/\d/.test(other))
      .map((other) => [distance(word, other.toLowerCase()) - (other[0] === word[0] ? 0.5 : 0), other])
      .filter(([far]) => far <= Math.max(1, word.length / 3));
    return close.sort((a, b) => a[0] - b[0]).slice(0, 4).map(([, other]) => other);
  }

  function propose(words) {
    const near = words.flatMap((word) => nearTo(word.toLowerCase()));
    if (!near.length) return ["The glossary has the words of this book."];
    const links = near.slice(0, 5).flatMap((word, i) => {
      const link = document.createElement("a");
      Object.assign(link, { href: `?q=${encodeURIComponent(word)}`, textContent: word });
      return i ? [", ", link] : [link];
    });
    return ["Did you mean ", ...links, "?"];
  }

  function search(query) {
    results.replaceChildren();
    if (!/[\p{L}\p{N}]/u.test(query)) {
      status.replaceChildren(query.trim() ? "Type a word or a number." : "");
      return;
    }
    const { best, total, concepts } = rank(query);
    const ways = concepts.flatMap((concept) => concept.ways.map(([way]) => way));
    results.append(...best.map(({ section }) => show({ section, ways })));
    const missing = concepts.filter(({ found }) => !found).map(({ said }) => said);
    const sections = total === 1 ? "One section has" : `${total} sections have`;
    const shown = total > MOST ? `; below are the best ${MOST}` : "";
    const answer = total ? `${sections} something on “${query}”${shown}. ` : `The book says nothing of “${query}”. `;
    status.replaceChildren(answer, ...(missing.length ? propose(missing) : []));
  }

  /* The text comes once something is asked, as a script: a page from disk may not fetch a file. */
  function load(then) {
    if (book) return then();
    const script = document.createElement("script");
    script.src = new URL("search_data.js", here).href;
    script.onerror = () => status.replaceChildren("The file search_data.js could not be loaded.");
    script.onload = () => {
      book ??= read(globalThis.bookSearch);
      then();
    };
    document.head.append(script);
  }

  function read({ sections, names }) {
    const all = sections.map(([page, anchor, titles, text, code]) => ({ page, anchor, titles, text, code, all: `${titles.join(" ")} ${text} ${code}` }));
    const mean = all.reduce((sum, one) => sum + one.all.length, 0) / all.length;
    return { sections: all, names, mean };
  }

  let timer = null;
  const ask = () => load(() => search(field.value.slice(0, LONGEST)));
  field.oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  };
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  field.focus();
  field.select();
  if (field.value) ask();
})();
