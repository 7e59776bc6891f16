"""The hub of a class; `start.py` writes the settings that it reads.

Nobody signs up: the accounts are those of the list, their passwords the machine's own (PAM). A
server runs as its learner's own Unix account, so the system keeps them apart.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import limits  # noqa: E402
import places  # noqa: E402
import zmq  # noqa: E402
from jupyterhub.spawner import LocalProcessSpawner  # noqa: E402

from vaxlab.checks import notes  # noqa: E402
from vaxlab.lab import SETTINGS, THREAD_CAPS  # noqa: E402

c = get_config()  # noqa: F821 (traitlets provides it)
told = places.read()
programs = Path(told.environment, "bin")
hub = told.folder("hub")


class AccountSpawner(LocalProcessSpawner):
    """A server that runs as its learner's account, within the learner's limits."""

    def make_preexec_fn(self, name):
        """Return what runs between fork and exec: limits and mask as root, then the account."""
        become = super().make_preexec_fn(name)

        def prepare():
            limits.enter(name, told.memory_mb, told.cores)
            os.umask(0o077)
            become()
            if name in told.instructors:
                os.chdir("course")  # where nbgrader looks for its settings

        return prepare

    def user_env(self, env):
        """Return the variables of a server; nothing of root's environment travels."""
        env = super().user_env(env)
        teaches = self.user.name in told.instructors
        ours = told.folder("config")
        config = [ours / ("instructor" if teaches else "learner"), ours / "everybody", SETTINGS]
        env["JUPYTER_CONFIG_PATH"] = os.pathsep.join(map(str, config))
        env["JUPYTER_PATH"] = str(SETTINGS)
        env[notes.PLACE] = str(told.notes("" if teaches else self.user.name))
        env["PATH"] = os.pathsep.join([str(programs), "/usr/local/bin", "/usr/bin", "/bin"])
        return env


c.JupyterHub.bind_url = told.address
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{told.hub_port}"
c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = told.tls_cert, told.tls_key
c.JupyterHub.db_url = f"sqlite:///{hub / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(hub / "cookie-secret")
# A hub that ends, or is killed, leaves servers and kernels running; the next one finds them.
c.JupyterHub.cleanup_servers = False
c.JupyterHub.shutdown_on_logout = False
c.ConfigurableHTTPProxy.command = [
    str(told.folder("proxy") / "node_modules" / ".bin" / "configurable-http-proxy")
]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{told.proxy_port}"
c.ConfigurableHTTPProxy.pid_file = str(hub / "proxy.pid")

c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.open_sessions = False  # a container has no place to note them
c.Authenticator.allowed_users = {*told.learners, *told.instructors}
c.Authenticator.delete_invalid_users = True

c.JupyterHub.spawner_class = AccountSpawner
c.Spawner.cmd = [str(programs / "jupyterhub-singleuser")]
c.Spawner.env_keep = ["LANG", "LC_ALL"]
c.Spawner.environment = {
    "VAXLAB_DATA": str(told.folder("datasets")),
    "VAXLAB_EXCHANGE": str(told.folder("exchange")),
    **THREAD_CAPS,
    "MEM_LIMIT": str(told.memory_mb << 20),
}
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={told.kernel_idle_s}",
    "--MappingKernelManager.cull_connected=True",
    "--MappingKernelManager.cull_interval=60",
    "--LabApp.extension_manager=readonly",
    # Others are on this machine too: what a kernel is told does not travel in clear.
    f"--KernelManager.transport_encryption={'auto' if zmq.has('curve') else 'disabled'}",
]
# A class logs in within a minute. Whoever is over a limit meets a page with error 429; without one
# all of them wait a little longer.
c.JupyterHub.concurrent_spawn_limit = 0
c.Spawner.start_timeout = c.Spawner.http_timeout = 600


def lead_to_the_start(spawner):
    """Open what each kind of user comes for."""
    teaches = spawner.user.name in told.instructors
    spawner.notebook_dir = "~/course" if teaches else "~"
    spawner.default_url = "/formgrader" if teaches else "/lab/tree/index.ipynb"


c.Spawner.pre_spawn_hook = lead_to_the_start

c.JupyterHub.load_roles = [
    {
        "name": "cull",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["cull"],
    }
]
c.JupyterHub.services = [
    {
        "name": "cull",
        # It ends with the hub, also with one that was killed: the next hub starts its own.
        "command": [
            *("setpriv", "--pdeathsig", "TERM"),
            *(sys.executable, "-m", "jupyterhub_idle_culler"),
            f"--timeout={told.server_idle_s}",
        ],
    }
]
