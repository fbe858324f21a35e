"""Opens JupyterLab on the student notebooks, on copies in work/ that a student may change.

A copy that was never changed follows release/; one that was changed is never touched.
"""

from __future__ import annotations

import os
import shutil
import sys
from filecmp import cmp
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def hand_out(release: Path, work: Path) -> list[str]:
    """Copy the released files to the work folder; returns one sentence for each file that stayed the student's.

    `work/.released` keeps each file as it was handed out: a copy equal to that was never changed.
    """
    kept = []
    for source in sorted(path for path in release.rglob("*") if path.is_file()):
        name = source.relative_to(release)
        copy, handed_out = work / name, work / ".released" / name
        if copy.exists() and not (handed_out.exists() and cmp(copy, handed_out, shallow=False)):
            if not handed_out.exists() or not cmp(source, handed_out, shallow=False):
                kept.append(f"{name} is yours and stays; its newer version comes when you rename or remove yours.")
            continue
        for target in (copy, handed_out):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return kept


def main() -> None:
    """Hand out the notebooks and become JupyterLab; further arguments go to it."""
    release, work = ROOT / "release", ROOT / "work"
    if not release.is_dir():
        sys.exit("There is no release/ with student notebooks here: write it with `make refresh`.")
    for sentence in hand_out(release, work):
        print(sentence)
    print(f"Your notebooks are in {work}.", flush=True)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={work}", *sys.argv[1:]]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container there is nobody else
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
