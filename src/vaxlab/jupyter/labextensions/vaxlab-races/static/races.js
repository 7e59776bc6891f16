// Four races of JupyterLab's that learners on a slow machine lose.
//
// A run that is asked for while the kernel is still on its way is held until the kernel answers.
// JupyterLab drops it: its executor looks for a kernel at the moment of the click, and where there
// is none yet, it clears the cell's prompt and says nothing. Every way to run a cell (menu, toolbar,
// keys, restart and run all) goes through that executor. This one stands in its place, waits, and
// then calls it. Cells that wait show [*], as cells do whose turn has not come.
//
// A restart that is asked for while the kernel is still on its way (▶▶ of the toolbar, at once) waits
// for it and leaves it as it is: it is new. JupyterLab restarts it; the page then meets a server that
// still holds the first connection, and may never hear of the kernel again. Where not even the
// session is asked for yet, the question whether to restart waits as well: JupyterLab would ask for
// one at once, before the notebook has said which kernel it wants, and get none, for good.
//
// A notebook is saved once at a time. JupyterLab lets a second save begin while the first is under
// way; it then finds a file that is newer than the one it knows, and asks the learner whether
// somebody else has changed the notebook.
//
// A widget's code may take its time. anywidget, on which Plotly's live figures stand, waits two seconds
// for it; if it comes later (it is 5 MB), all that the kernel sends to the widget is dropped without
// a word, for good: a figure stays empty, a slider moves nothing. It waits a minute here.
//
// The file is a container of webpack's module federation, written by hand: there is no build.
(() => {
  const NAME = "vaxlab-races";
  const LOOK_MS = 100;
  const SAY_MS = 1000; // a shorter wait needs no words
  const ASK_MS = 3000; // the first question may be lost while a kernel opens its ports
  const ANYWIDGET_MS = 2000; // what anywidget waits for a widget's code; nobody else asks for this
  const WIDGET_MS = 60_000;

  const answered = new WeakSet(); // kernels
  const waits = new Map(); // notebooks' session contexts, and the wait of each for its kernel
  const held = new Map(); // cells, and the run of each that waits

  const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

  function isComing(context) {
    const kernel = context.session?.kernel;
    if (context.isDisposed || context.isTerminating) return false;
    if (!kernel) return ["initializing", "starting"].includes(context.kernelDisplayStatus);
    const lost = kernel.status === "dead" || kernel.connectionStatus === "disconnected";
    return !lost && !answered.has(kernel);
  }

  async function untilAnswered(context, say) {
    const start = Date.now();
    let unsay;
    let askAt = start + ASK_MS;
    while (isComing(context)) {
      const kernel = context.session?.kernel;
      const note = () => answered.add(kernel); // a refusal is an answer, too
      await Promise.race([sleep(LOOK_MS), ...(kernel ? [kernel.info.then(note, note)] : [])]);
      if (Date.now() > start + SAY_MS) unsay ??= say();
      if (Date.now() > askAt && kernel?.connectionStatus === "connected") {
        kernel.requestKernelInfo().catch(() => {}); // its answer is kernel.info
        askAt += Date.now() - start; // ever more rarely: the kernel may be at work
      }
    }
    unsay?.();
  }

  /** One wait for all cells of a notebook: they are let go in the order in which they came. */
  function wait(context, say) {
    if (!waits.has(context)) {
      waits.set(context, untilAnswered(context, say).finally(() => waits.delete(context)));
    }
    return waits.get(context);
  }

  function executor(runCell, say) {
    async function hold(options) {
      const { cell, sessionContext } = options;
      cell.model.executionState = "running"; // shown as [*]
      await wait(sessionContext, say);
      held.delete(cell);
      if (cell.isDisposed || sessionContext.isDisposed) return false;
      cell.model.executionState = "idle";
      return runCell(options);
    }
    return {
      runCell(options) {
        const { cell, sessionContext } = options;
        if (cell.model.type !== "code" || !sessionContext) return runCell(options);
        if (!waits.has(sessionContext) && !isComing(sessionContext)) return runCell(options);
        // A second click while the first one waits asks for nothing new.
        if (!held.has(cell)) held.set(cell, hold(options));
        return held.get(cell);
      }
    };
  }

  /** A kernel that is on its way needs no restart: whoever asks for one waits for it. */
  function noRestartOfWhatIsNew(context, say) {
    const restart = context.restartKernel.bind(context);
    context.restartKernel = () => (isComing(context) ? wait(context, say) : restart());
  }

  /** Before there is a session there is nothing to restart: the notebook must first ask for one. */
  function noRestartOfWhatIsNotThere(dialogs, say) {
    const restart = dialogs.restart.bind(dialogs);
    dialogs.restart = async (context, ...others) => {
      const start = Date.now();
      let unsay;
      while (isComing(context) && !context.session?.kernel) {
        await sleep(LOOK_MS);
        if (Date.now() > start + SAY_MS) unsay ??= say();
      }
      unsay?.();
      return restart(context, ...others);
    };
  }

  /** Whatever gives up after anywidget's two seconds has a minute. */
  function patienceWithWidgets() {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    AbortSignal.timeout = ms => timeout(ms === ANYWIDGET_MS ? WIDGET_MS : ms);
  }

  /** JupyterLab's own copy of one of its packages. */
  async function shared(scope, name) {
    const [version] = Object.values(scope[name]);
    return (await version.get())();
  }

  /** Let a save wait for the one before it; whoever asks meanwhile shares the one that waits. */
  function oneSaveAtATime(context) {
    const save = context.save.bind(context);
    let running = Promise.resolve();
    let next = null;
    context.save = () => {
      next ??= running.then(() => {
        next = null;
        const saved = save();
        running = saved.catch(() => {});
        return saved;
      });
      return next;
    };
  }

  async function plugins(scope) {
    patienceWithWidgets();
    const { INotebookCellExecutor, INotebookTracker, runCell } = await shared(
      scope,
      "@jupyterlab/notebook"
    );
    const { ISessionContextDialogs, Notification } = await shared(scope, "@jupyterlab/apputils");
    const say = () => {
      const id = Notification.emit("Waiting for the kernel…", "in-progress", { autoClose: false });
      return () => Notification.dismiss(id);
    };
    return [
      {
        id: `${NAME}:cell-executor`,
        description: "Holds a run until the kernel answers.",
        autoStart: true,
        provides: INotebookCellExecutor,
        activate: () => executor(runCell, say)
      },
      {
        id: `${NAME}:no-early-restart`,
        description: "Waits for a new kernel in place of a restart.",
        autoStart: true,
        requires: [INotebookTracker, ISessionContextDialogs],
        activate: (app, tracker, dialogs) => {
          noRestartOfWhatIsNotThere(dialogs, say);
          tracker.widgetAdded.connect((_, panel) =>
            noRestartOfWhatIsNew(panel.sessionContext, say)
          );
        }
      },
      {
        id: `${NAME}:one-save`,
        description: "Saves a notebook once at a time.",
        autoStart: true,
        requires: [INotebookTracker],
        activate: (app, tracker) =>
          tracker.widgetAdded.connect((_, panel) => oneSaveAtATime(panel.context))
      }
    ];
  }

  let scope;
  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB[NAME] = {
    init: theirs => {
      scope = theirs;
    },
    get: async () => {
      const extension = { __esModule: true, default: await plugins(scope) };
      return () => extension;
    }
  };
})();
