"""A real JupyterLab on a student's copy of a chapter, and a real Chromium that opens it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "test-artefacts" / "browser"
START_SECONDS = 90


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium from the system; the flags keep it from asking the network for anything."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("the browser tests were to start Chromium, which is not installed: apt install chromium")
    flags = [
        *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab that shows copies of the released chapters."""
    folder = tmp_path_factory.mktemp("student")
    shutil.copytree(ROOT / "release", folder, dirs_exist_ok=True)
    settings = folder / ".settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    port = free_port()
    log = (folder / ".jupyterlab.log").open("w")
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"),
            *(f"--ServerApp.root_dir={folder}", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
            *("--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1"),
        ],
        env=os.environ
        | {"JUPYTER_CONFIG_DIR": str(folder / ".config"), "JUPYTERLAB_SETTINGS_DIR": str(folder / ".settings")},
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=folder,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{address}/api", timeout=2).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > until:
                    pytest.fail(f"JupyterLab did not start: {Path(log.name).read_text()[-2000:]}")
                time.sleep(0.3)
        yield address
    finally:
        server.terminate()
        server.wait(30)
        log.close()


class Chapter:
    """A chapter open in JupyterLab, used as a student does: find a cell, type, run, look."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def run_all(self, seconds: float = 120) -> None:
        """Run every cell, errors or not, and wait until the kernel has nothing more to do."""
        self.page.evaluate(
            """async () => {
                const panel = window.jupyterapp.shell.currentWidget;
                for (let i = 0; i < panel.content.widgets.length; i++) {
                    panel.content.activeCellIndex = i;
                    await window.jupyterapp.commands.execute('notebook:run-cell');
                }
            }"""
        )
        self.page.wait_for_timeout(500)

    def outputs(self) -> list[tuple[str, list[dict[str, object]]]]:
        """The id and the outputs of each code cell, as JupyterLab holds them."""
        found = self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets
                .filter(cell => cell.model.type === 'code')
                .map(cell => [cell.model.id, cell.model.outputs.toJSON()])"""
        )
        return [(str(name), outputs) for name, outputs in found]

    def show(self, cell: str) -> None:
        """Make the cell with this id the active one, in view."""
        self.page.evaluate(
            """async (id) => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                const index = notebook.widgets.findIndex(cell => cell.model.id === id);
                notebook.activeCellIndex = index;
                await notebook.scrollToItem(index, 'start');
            }""",
            cell,
        )
        self.page.wait_for_selector(".jp-Notebook-cell.jp-mod-active")

    def write(self, cell: str, source: str) -> None:
        """Replace the source of a cell by keyboard and run it."""
        self.show(cell)
        self.active.locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("ControlOrMeta+Enter")

    def run(self, cell: str) -> None:
        """Run one cell and wait until it is done."""
        self.show(cell)
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")

    def picture(self, name: str) -> None:
        """Keep what the window shows as a PNG among the test's artefacts."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=PICTURES / f"{name}.png")

    @property
    def active(self):  # noqa: ANN201 - a Playwright locator
        """The active cell on the page."""
        return self.page.locator(".jp-Notebook-cell.jp-mod-active")


@pytest.fixture
def chapter(request: pytest.FixtureRequest, browser: Browser, lab: str) -> Iterator[Chapter]:
    """The chapter named by the test's parameter, freshly opened."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(60_000)
    page.goto(f"{lab}/lab/tree/{request.param}?reset")
    page.wait_for_selector(".jp-Notebook-cell", timeout=60_000)
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
        timeout=60_000,
    )
    opened = Chapter(page)
    yield opened
    opened.picture("last-look")
    page.close()
