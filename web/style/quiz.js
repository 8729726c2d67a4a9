// "Check yourself": turns a chapter's questions into buttons. As plain Markdown the section is
//   **1. A question?**  - one option  - another      and, under "Answers",  1. **The second.** Why.
// and that is what remains where scripts do not run, and in print.

const ORDINALS = ["first", "second", "third", "fourth", "fifth"];

function element(tag, className, children = []) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

function questionsOf(section) {
  return [...section.querySelectorAll("p > strong:first-child")]
    .map((strong) => ({ prompt: strong.parentElement, options: strong.parentElement.nextElementSibling }))
    .filter(({ prompt, options }) => /^\d+\./.test(prompt.textContent) && options?.tagName === "UL");
}

function ask({ prompt, options }, answer, score) {
  const right = ORDINALS.findIndex((word) => answer.textContent.toLowerCase().startsWith(`the ${word}`));
  const verdict = element("p", "quiz-verdict");
  verdict.setAttribute("role", "status");
  let tries = 0;
  const buttons = [...options.children].map((option, k) => {
    const button = element("button", "quiz-option", [...(option.querySelector("p") ?? option).childNodes]);
    button.type = "button";
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled")) return;
      tries += 1;
      button.dataset.verdict = k === right ? "right" : "wrong";
      button.setAttribute("aria-disabled", "true");
      if (k !== right) return verdict.replaceChildren("Not this one. Think again, or try another.");
      for (const other of buttons) other.setAttribute("aria-disabled", "true");
      const [, ...why] = answer.cloneNode(true).childNodes;
      verdict.replaceChildren(element("strong", "", ["Right."]), ...why);
      score(tries === 1);
    });
    return button;
  });
  const group = element("div", "quiz-options", buttons);
  group.setAttribute("role", "group");
  prompt.id = `question-${parseInt(prompt.textContent)}`;
  group.setAttribute("aria-labelledby", prompt.id);
  options.replaceWith(group, verdict);
}

function quiz(section) {
  const answers = section.querySelector(":scope > ol");
  const reasons = [...answers.querySelectorAll("ol > li")].map((li) => li.querySelector("p") ?? li);
  const questions = questionsOf(section);
  const total = element("p", "quiz-score");
  total.setAttribute("role", "status");
  let answered = 0;
  let atOnce = 0;
  const score = (first) => {
    answered += 1;
    atOnce += first;
    const text = `${answered} of ${questions.length} answered, ${atOnce} at the first try.`;
    total.replaceChildren(text);
  };
  questions.forEach((question, k) => ask(question, reasons[k], score));
  for (const part of [answers, answers.previousElementSibling]) part.classList.add("quiz-answers");
  section.append(total);
}

document.querySelectorAll("section[id='check-yourself']").forEach(quiz);
