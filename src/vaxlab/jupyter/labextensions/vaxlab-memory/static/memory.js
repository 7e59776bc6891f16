// A sentence before memory runs out, where a learner's share of it is limited (Binder, a class).
// At the limit the kernel is ended from outside, and JupyterLab can only say that it is gone.
//
// jupyter-resource-usage counts: the server and all its kernels, against MEM_LIMIT. Without a
// limit there is nothing to run short of, and nothing is asked again.
//
// The file is a container of webpack's module federation, written by hand: there is no build.
(() => {
  const NAME = "vaxlab-memory";
  const EVERY_MS = 5_000;
  const SHORT = 0.85; // said once, and again only after there was room in between
  const ROOM = 0.75;
  const JUST_NOW_MS = 30_000; // a server needs some seconds to see that a kernel is gone
  // JupyterLab shows 140 characters of a notice.
  const short = (used, limit) =>
    `Memory: ${used} of ${limit} GB used. Before a kernel is ended, shut down what you no longer ` +
    "need (left: Running Terminals and Kernels).";
  const OUT =
    "Memory ran out, it seems, and this kernel was ended. Your text is kept, its variables are not. " +
    "Shut down other notebooks.";

  const gb = bytes => (bytes / 2 ** 30).toFixed(1);

  /** JupyterLab's own copy of one of its packages. */
  async function shared(scope, name) {
    const [version] = Object.values(scope[name]);
    return (await version.get())();
  }

  /** What is used and what may be, bytes; null where there is no limit or nobody counts. */
  async function measured({ ServerConnection, settings }) {
    const url = `${settings.baseUrl}api/metrics/v1`;
    const response = await ServerConnection.makeRequest(url, {}, settings);
    if (!response.ok) return null;
    const { pss, rss, limits } = await response.json();
    return limits.memory.pss ? { used: pss ?? rss, limit: limits.memory.pss } : null;
  }

  async function plugin(scope) {
    const { INotebookTracker } = await shared(scope, "@jupyterlab/notebook");
    const { Notification } = await shared(scope, "@jupyterlab/apputils");
    const { ServerConnection } = await shared(scope, "@jupyterlab/services");
    return {
      id: `${NAME}:sentence`,
      description: "Says so before memory runs out.",
      autoStart: true,
      requires: [INotebookTracker],
      activate: (app, tracker) => {
        const settings = app.serviceManager.serverSettings;
        let shown = null;
        let shortAt = -Infinity;
        // In a tab that nobody sees nobody would read it.
        const later = () => setTimeout(() => (document.hidden ? later() : look()), EVERY_MS);
        async function look() {
          let now;
          try {
            now = await measured({ ServerConnection, settings });
          } catch {
            now = { used: 0, limit: 1 }; // the server is away for a while: JupyterLab says so
          }
          if (!now) return;
          const share = now.used / now.limit;
          if (share > SHORT) shortAt = Date.now();
          if (share > SHORT && shown === null) {
            shown = Notification.warning(short(gb(now.used), gb(now.limit)), { autoClose: false });
          } else if (share < ROOM && shown !== null) {
            Notification.dismiss(shown);
            shown = null;
          }
          later();
        }
        // A kernel that came back by itself, just after memory ran short.
        tracker.widgetAdded.connect((_, panel) =>
          panel.sessionContext.statusChanged.connect((_, status) => {
            if (status === "autorestarting" && Date.now() - shortAt < JUST_NOW_MS)
              Notification.error(OUT, { autoClose: false });
          })
        );
        look();
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
