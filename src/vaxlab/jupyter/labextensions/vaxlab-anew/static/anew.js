// *Begin This Exercise Anew*, in a cell's menu (right click, or Shift + F10) and in the list of all
// commands: what `vaxlab reset` does, for the notebook that is open.
//
// Answer cells know their own stubs (vaxlab.authoring.preprocessors.KeepStubs). The learner's own
// answer is saved in `kept/`, beside the days, before anything changes; Ctrl + Z brings it back, too.
//
// The file is a container of webpack's module federation, written by hand: there is no build.
(() => {
  const NAME = "vaxlab-anew";
  const COMMAND = "vaxlab:begin-anew";
  const EXERCISE = /^### Exercise (\d+) · /m;
  const SECTION = /^## /m;
  const SHOWN_MS = 10_000; // without a time it would not be shown, only counted

  const source = model => model.sharedModel.getSource();
  const stub = model => model.getMetadata("vaxlab")?.stub;

  /** The exercise that a cell belongs to, by its index; null in any other part of a notebook. */
  function exercise(panel, index) {
    const models = panel?.content.widgets.map(cell => cell.model) ?? [];
    const says = (model, what) => model.type === "markdown" && what.exec(source(model));
    let start = index;
    while (start >= 0 && !says(models[start], EXERCISE)) {
      if (says(models[start], SECTION)) return null;
      start--;
    }
    if (start < 0) return null;
    const [, number] = says(models[start], EXERCISE);
    let end = start + 1;
    while (end < models.length && !says(models[end], EXERCISE) && !says(models[end], SECTION)) end++;
    const cells = models.slice(start, end);
    const answers = cells.filter(model => typeof stub(model) === "string");
    return answers.length ? { number, cells, answers } : null;
  }

  /** Save what the learner has written in a new file; its path, or nothing where it is the stub. */
  async function keep(contents, panel, { number, answers }) {
    const own = answers.filter(model => !["", stub(model).trim()].includes(source(model).trim()));
    if (!own.length) return "";
    const parts = panel.context.path.replace(/\.ipynb$/, "").split("/");
    const [day, notebook] = parts.splice(-2);
    const folder = [...parts, "kept"].join("/");
    await contents.save(folder, { type: "directory" });
    const now = new Date().toISOString().replace("T", "-").replace(/[:.Z]/g, "");
    const ending = own[0].type === "code" ? "py" : "md";
    const path = `${folder}/${day}-${notebook}-exercise-${number}-${now}.${ending}`;
    const content = own.map(source).join("\n\n") + "\n";
    await contents.save(path, { type: "file", format: "text", content });
    return path;
  }

  /** JupyterLab's own copy of one of its packages. */
  async function shared(scope, name) {
    const [version] = Object.values(scope[name]);
    return (await version.get())();
  }

  async function plugin(scope) {
    const { INotebookTracker } = await shared(scope, "@jupyterlab/notebook");
    const { ICommandPalette, Notification } = await shared(scope, "@jupyterlab/apputils");
    return {
      id: `${NAME}:command`,
      description: "Begins one exercise anew.",
      autoStart: true,
      requires: [INotebookTracker, ICommandPalette],
      activate: (app, tracker, palette) => {
        // A cell's menu is about that cell, which a right click alone does not make the active one.
        function chosen(ofMenu) {
          const panel = tracker.currentWidget;
          if (!ofMenu) return exercise(panel, panel?.content.activeCellIndex ?? -1);
          const node = app.contextMenuHitTest(one => one.classList.contains("jp-Cell"));
          return exercise(panel, panel?.content.widgets.findIndex(cell => cell.node === node) ?? -1);
        }
        app.commands.addCommand(COMMAND, {
          label: "Begin This Exercise Anew",
          caption: "The answer as it was handed out; your own is kept in the folder kept.",
          isEnabled: ({ ofMenu }) => chosen(ofMenu) !== null,
          execute: async ({ ofMenu }) => {
            const found = chosen(ofMenu);
            if (!found) return;
            try {
              const contents = app.serviceManager.contents;
              const kept = await keep(contents, tracker.currentWidget, found);
              for (const model of found.answers) model.sharedModel.setSource(stub(model));
              for (const model of found.cells) {
                if (model.getMetadata("nbgrader")) model.clearExecution?.();
              }
              const where = kept ? ` Your own answer: ${kept}` : "";
              const said = `Exercise ${found.number} is as it was handed out.${where}`;
              Notification.success(said, { autoClose: SHOWN_MS });
            } catch (error) {
              const said = `Nothing was changed: your answer could not be kept. ${error.message}`;
              Notification.error(said, { autoClose: false });
            }
          }
        });
        const args = { ofMenu: true };
        const selector = ".jp-Notebook .jp-Cell";
        app.contextMenu.addItem({ command: COMMAND, args, selector, rank: 0 });
        palette.addItem({ command: COMMAND, category: "Course" });
        // What can be done depends on the cell that is active.
        tracker.activeCellChanged.connect(() => app.commands.notifyCommandChanged(COMMAND));
      }
    };
  }

  let scope;
  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB[NAME] = {
    init: theirs => {
      scope = theirs;
    },
    get: async () => {
      const extension = { __esModule: true, default: await plugin(scope) };
      return () => extension;
    }
  };
})();
