// The page asks, and Python answers. Who waits for long is told why.
const PATIENCE_MS = 3000;
const BUSY =
  "The kernel has not answered yet. If a cell is running, it answers afterwards; " +
  "if the kernel is not running, run the cells again.";

// `name` tells this view of the widget from others; `done` hears each answer, and whether it is that
// to the last question.
export function createAsking(model, name, say, done) {
  let asked = 0;
  let waiting = 0; // the clock of the patience
  const answered = (message) => {
    if (!message?.answered?.startsWith(`${name}:`)) return;
    const isLast = message.answered === `${name}:${asked}`;
    if (isLast) clearTimeout(waiting);
    done(message, isLast);
  };
  model.on("msg:custom", answered);
  return {
    ask(message, quiet = false) {
      asked += 1;
      clearTimeout(waiting);
      if (!quiet) waiting = setTimeout(() => say(BUSY), PATIENCE_MS);
      try {
        model.send({ ...message, id: `${name}:${asked}` });
      } catch {
        say(BUSY); // the kernel is gone
      }
    },
    close() {
      clearTimeout(waiting);
      model.off("msg:custom", answered);
    },
  };
}

export const isTrouble = (text) => /^(Not taken|The kernel)/.test(text);
