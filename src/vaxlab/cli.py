"""The command line: ``vaxlab lab``, ``vaxlab course …``, ``vaxlab data …``.

Every command imports its room when it is called, so that ``vaxlab --help`` answers at once.
"""

import argparse
import os
import select
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from vaxlab import __version__
from vaxlab.errors import CourseError


def lab(args: argparse.Namespace) -> int:
    """Serve the course in JupyterLab."""
    from vaxlab import lab as room

    return room.run(port=args.port, open_browser=not args.no_browser)


def course_build(args: argparse.Namespace) -> int:
    """Build course/ from solutions/, or tell what is out of date."""
    from vaxlab.authoring import build
    from vaxlab.paths import checkout

    root = checkout()
    if args.for_grading:
        for path in build.build_for_grading(root):
            print(f"wrote {path}")
        return 0
    if not args.check:
        for path in build.build(root, force=args.force):
            print(f"wrote {path}")
        print("course/ is up to date with solutions/.")
        return 0
    stale = build.stale(root)
    for difference in stale:
        print(difference, file=sys.stderr)
    if stale:
        print("Run `vaxlab course build` and commit what it writes.", file=sys.stderr)
        return 1
    print("course/ is up to date with solutions/.")
    return 0


def course_lint(args: argparse.Namespace) -> int:
    """Judge the course by its rules, one message a broken rule."""
    from vaxlab.authoring import lint
    from vaxlab.paths import checkout

    findings = lint.lint(checkout())
    for finding in findings:
        print(finding, file=sys.stderr)
    if findings:
        count = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
        print(f"{count}. Mend the source in solutions/, then lint again.", file=sys.stderr)
        return 1
    print("The course keeps all its rules.")
    return 0


def course_site(args: argparse.Namespace) -> int:
    """Write the executed course as pages to read, answers folded away; no network is needed."""
    from vaxlab.paths import checkout
    from vaxlab.site import build

    root = checkout()
    page = build.build(root, root / "build" / "site", args.notebooks)
    print(f"The course to read begins at {page}: open it in a browser, or serve its folder.")
    return 0


def course_pack(args: argparse.Namespace) -> int:
    """Write what an instructor takes into the room: slides, cheat sheets, timetable, mistakes."""
    from vaxlab.authoring import pack
    from vaxlab.paths import checkout

    for path in pack.write(checkout(), args.output):
        print(f"wrote {path}")
    return 0


def cohort_new(args: argparse.Namespace) -> int:
    """Make a cohort of one's own: other data, other hidden plants, the same checks."""
    from vaxlab.authoring import cohorts
    from vaxlab.paths import checkout

    folder = cohorts.new(checkout(), args.name, seed=args.seed)
    print(
        f"{folder} is a course of its own. Next, in that folder: `vaxlab cohort prove` runs its "
        "solutions, `vaxlab course build` writes its instructor's guides. Both take a while."
    )
    return 0


def cohort_prove(args: argparse.Namespace) -> int:
    """Run a cohort's own solutions; draw another hidden plant where one refuses them."""
    from vaxlab.authoring import cohorts
    from vaxlab.paths import checkout

    lost = 0
    for proof in cohorts.prove(checkout(), args.notebook):
        drawn = f", {proof.draws} hidden plants drawn" if proof.draws > 1 else ""
        print(f"{proof.notebook}: {proof.checks - len(proof.lost)} of {proof.checks}{drawn}")
        print(*(f"    {why}" for why in proof.lost), sep="\n", end="")
        lost += len(proof.lost)
    if lost:
        print("Not every solution earns its points: make another cohort.", file=sys.stderr)
    return int(bool(lost))


def grade(args: argparse.Namespace) -> int:
    """Grade what was handed in, in parallel and behind walls; only what has changed."""
    import json
    from dataclasses import asdict

    from vaxlab.grading import classroom
    from vaxlab.paths import checkout

    rows = classroom.grade(
        checkout(),
        args.assignment,
        student=args.student,
        notebook=args.notebook,
        scheduler=args.scheduler,
        gradebook=args.gradebook,
        trust_submissions=args.trust_submissions,
        progress=not args.json,
    )
    print(json.dumps([asdict(row) for row in rows]) if args.json else classroom.table(rows))
    if args.audit:
        from vaxlab.grading import audit

        print(audit.report(checkout(), args.assignment, rows), file=sys.stderr)
    return SOME_FAILED if any(row.state == "failed" for row in rows) else 0


def grades(args: argparse.Namespace) -> int:
    """Write grades as spreadsheets and learning platforms take them (CSV)."""
    from vaxlab.grading import handback
    from vaxlab.paths import checkout

    said = handback.hand_back(
        checkout(),
        args.assignment,
        form=args.format,
        output=args.output,
        gradebook=args.gradebook,
        column=args.column,
        sheet=args.worksheet,
    )
    print(said)
    return 0


def report(args: argparse.Namespace) -> int:
    """Write a page about the class: points by exercise, over time, by learner."""
    from vaxlab.grading import report
    from vaxlab.paths import checkout

    target, count = report.write(
        checkout(), args.assignment, output=args.output, gradebook=args.gradebook
    )
    print(f"wrote {target}: {count} submissions. Open it in a browser; it needs no network.")
    return 0


def check(args: argparse.Namespace) -> int:
    """Run your own notebooks with their checks: what passes, what to try next."""
    from vaxlab.grading import selfcheck
    from vaxlab.paths import course

    checked = selfcheck.check(
        course(),
        args.notebook,
        progress=not args.json,
        say=lambda sentence: print(sentence, file=sys.stderr),
    )
    print(selfcheck.dumps(checked) if args.json else selfcheck.table(checked))
    return 0


def class_join(args: argparse.Namespace) -> int:
    """Let your instructors see what your checks say, while you work in a class."""
    from vaxlab.checks import notes

    print(notes.join())
    return 0


def class_leave(args: argparse.Namespace) -> int:
    """Delete what was noted of your checks, and note nothing more."""
    from vaxlab.checks import notes

    print(notes.leave())
    return 0


def class_watch(args: argparse.Namespace) -> int:
    """Show who has passed what, and who is stuck; as a learner, yourself."""
    import time

    from vaxlab.watch import page, read

    while True:
        print(page.text(read.view()), flush=True)
        if args.once:
            return 0
        time.sleep(page.EVERY_S)
        print()


def reset(args: argparse.Namespace) -> int:
    """Begin one exercise anew: the stub comes back, your own answer is kept beside."""
    from vaxlab import reset
    from vaxlab.grading import selfcheck
    from vaxlab.paths import course

    folder = course()
    found = selfcheck.find(folder, args.notebook)
    if len(found) > 1:
        raise CourseError(f"{args.notebook} names {len(found)} notebooks: name one of them.")
    print(reset.reset(found[0], folder, args.exercise))
    return 0


def doctor(args: argparse.Namespace) -> int:
    """Look at this installation, and say what to mend."""
    from vaxlab import doctor

    found = []
    for line in doctor.examine():
        print(line, flush=True)
        found.append(line.state)
    if doctor.State.MEND in found:
        print("Mend the lines that begin with `mend`, then call `vaxlab doctor` again.")
        return 1
    print("The course can be done on this machine.")
    return 0


def capstone_play(args: argparse.Namespace) -> int:
    """Play practice seasons of the capstone on your own policy."""
    from vaxlab.grading import policies
    from vaxlab.lessons.day4.capstone import delivery, material
    from vaxlab.plant.campaign import HISTORY_SEED

    seeds = material.seeds(HISTORY_SEED, args.seasons)
    one = policies.entry("your policy", args.policy, seeds, trusted=True)
    if one.played is None:
        raise CourseError(one.sentence)
    table = delivery.results(policies.references(seeds) | {one.name: one.played})
    print(table.T.to_string())
    return 0


def capstone_board(args: argparse.Namespace) -> int:
    """Play seasons on every policy in a folder, each in a sandbox, and rank them."""
    import secrets

    from vaxlab.grading import policies
    from vaxlab.lessons.day4.capstone import material

    seed = args.seed or 10**12 + secrets.randbelow(9 * 10**12)
    table, sentences = policies.board(
        args.folder,
        material.seeds(seed, args.seasons),
        pseudonyms=args.pseudonyms,
        accepted=args.accept,
        say=lambda line: print(line, file=sys.stderr),
    )
    print(table.to_string())
    for who, sentence in sentences.items():
        print(f"{who}: {sentence}")
    print(f"The same board again: --seed {seed}")
    if args.output:
        args.output.write_text(policies.page(table, sentences), encoding="utf-8")
    return 0


def data_build(args: argparse.Namespace) -> int:
    """Make the files in datasets/ from the plant."""
    from vaxlab import data

    data.build()
    print("datasets/ is built.")
    return 0


def data_verify(args: argparse.Namespace) -> int:
    """Compare the files in datasets/ with their checksums."""
    from vaxlab import data

    data.verify()
    print("Every file in datasets/ is as the manifest says.")
    return 0


def data_describe(args: argparse.Namespace) -> int:
    """Print the card of a data set."""
    from vaxlab import data

    print(data.describe(args.name))
    return 0


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(
        prog="vaxlab", description="Machine Learning for Vaccine Production: the course's tools."
    )
    top.add_argument("--version", action="version", version=f"vaxlab {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(group, name: str, function) -> argparse.ArgumentParser:
        summary = function.__doc__.splitlines()[0]
        added = group.add_parser(name, help=summary, description=summary)
        added.set_defaults(function=function)
        return added

    serve = command(commands, "lab", lab)
    serve.add_argument("--port", type=int, help="port to listen on (a free one by default)")
    serve.add_argument("--no-browser", action="store_true", help="print the address only")

    course = commands.add_parser("course", help="Build and judge the course (for authors).")
    course = course.add_subparsers(required=True, metavar="COMMAND")
    build = command(course, "build", course_build)
    only = build.add_mutually_exclusive_group()
    only.add_argument(
        "--check", action="store_true", help="write nothing; name what is out of date, exit 1"
    )
    only.add_argument(
        "--force", action="store_true", help="overwrite notebooks that somebody has worked in"
    )
    only.add_argument(
        "--for-grading",
        action="store_true",
        help="write only what nbgrader grades by; course/ stays as it is",
    )
    command(course, "lint", course_lint)
    site = command(course, "site", course_site)
    site.add_argument("notebooks", nargs="*", help="such as day1/1-trust (all)")
    packed = command(course, "pack", course_pack)
    packed.add_argument("--output", type=Path, help="folder to write (build/pack)")

    cohort = commands.add_parser("cohort", help="Other data for a class of one's own.")
    cohort = cohort.add_subparsers(required=True, metavar="COMMAND")
    new = command(cohort, "new", cohort_new)
    new.add_argument("name", help="such as spring-2027; it is made in cohorts/")
    new.add_argument("--seed", type=int, help="make the same cohort again (drawn by default)")
    proved = command(cohort, "prove", cohort_prove)
    proved.add_argument("notebook", nargs="?", default="", help="day1 or day1/1-trust (all)")

    graded = command(commands, "grade", grade)
    graded.add_argument("assignment", help="such as day1")
    graded.add_argument("--student", default="*", help="grade only this one's")
    graded.add_argument("--notebook", default="*", help="grade only this notebook")
    graded.add_argument("--scheduler", default="", help="address of a Dask scheduler to grade on")
    graded.add_argument("--gradebook", default="", help="SQLAlchemy URL (gradebook.db by default)")
    graded.add_argument("--json", action="store_true", help="print the rows as JSON")
    graded.add_argument(
        "--audit",
        action="store_true",
        help="say also what was held or left out, and what was tried",
    )
    graded.add_argument(
        "--trust-submissions",
        action="store_true",
        help="run them with your rights where no sandbox can be had",
    )

    handed_back = command(commands, "grades", grades)
    handed_back.add_argument("assignment", help="such as day1")
    forms = handed_back.add_mutually_exclusive_group()
    forms.add_argument(
        "--format", choices=["csv", "moodle", "canvas"], default="csv", help="who is to read it"
    )
    forms.add_argument("--worksheet", type=Path, help="fill in Moodle's grading worksheet")
    handed_back.add_argument("--output", type=Path, help="file to write (grades-day1.csv)")
    handed_back.add_argument("--gradebook", default="", help="SQLAlchemy URL")
    handed_back.add_argument("--column", default="", help="the assignment's name there")

    reported = command(commands, "report", report)
    reported.add_argument("assignment", help="such as day1")
    reported.add_argument("--output", type=Path, help="file to write (report-day1.html)")
    reported.add_argument("--gradebook", default="", help="SQLAlchemy URL")

    checked = command(commands, "check", check)
    checked.add_argument("notebook", nargs="?", default="", help="day1 or day1/1-trust (all)")
    checked.add_argument("--json", action="store_true", help="print the outcomes as JSON")

    group = commands.add_parser("class", help="A class at work, of those who have joined.")
    group = group.add_subparsers(required=True, metavar="COMMAND")
    command(group, "join", class_join)
    command(group, "leave", class_leave)
    watched = command(group, "watch", class_watch)
    watched.add_argument("--once", action="store_true", help="do not look again every 10 s")

    anew = command(commands, "reset", reset)
    anew.add_argument("notebook", help="such as day1/1-trust")
    anew.add_argument("--exercise", type=int, required=True, help="its number in the notebook")

    command(commands, "doctor", doctor)
    season = commands.add_parser("capstone", help="Play the capstone's seasons on policies.")
    season = season.add_subparsers(required=True, metavar="COMMAND")
    one = command(season, "play", capstone_play)
    one.add_argument("policy", type=Path, help="your file, such as policy.py")
    ranked = command(season, "board", capstone_board)
    ranked.add_argument("folder", type=Path, help="with NAME/policy.py or NAME.py")
    ranked.add_argument("--seed", type=int, default=0, help="of the seasons (drawn by default)")
    ranked.add_argument("--pseudonyms", action="store_true", help="number policies, name none")
    ranked.add_argument(
        "--accept", nargs="+", default=[], metavar="NAME", help="play policies that were held"
    )
    ranked.add_argument("--output", type=Path, help="page to write, such as board.html")
    for with_seasons in (one, ranked):
        with_seasons.add_argument(
            "--seasons", type=int, default=4, choices=range(2, 13), metavar="N", help="2 to 12 (4)"
        )

    data = commands.add_parser("data", help="Build, verify and describe the data sets.")
    data = data.add_subparsers(required=True, metavar="COMMAND")
    command(data, "build", data_build)
    command(data, "verify", data_verify)
    describe = command(data, "describe", data_describe)
    describe.add_argument("name", help="name of a data set, such as batches")
    return top


#: What a shell reports of a program whose reader has gone (128 + SIGPIPE), as of `yes | head -1`.
NOBODY_READS = 141
#: Status of `vaxlab grade` where some submissions failed: what was graded can be handed back.
SOME_FAILED = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        Exit code: 0 when all is well, 1 with one sentence on stderr when a person must act,
        130 when it was interrupted, 141 when whoever read its output has gone (``| head -1``).
    """
    try:
        try:
            return _obey(argv)
        finally:  # also where argparse leaves with its help
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
    except BrokenPipeError:
        cut = [stream for stream in (sys.stdout, sys.stderr) if _is_cut(stream)]
        if not cut:  # another pipe, which is an error of ours
            raise
        for stream in cut:  # or Python complains once more when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return NOBODY_READS


def _obey(argv: Sequence[str] | None) -> int:
    args = parser().parse_args(argv)
    try:
        return args.function(args) or 0
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; nothing was left half-written.", file=sys.stderr)
        return 130


def _is_cut(stream: TextIO | None) -> bool:
    """Tell whether the reader of a stream has gone."""
    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)  # errors are told without being asked for
        return bool(poll.poll(0))
    except (AttributeError, OSError, ValueError):  # no such stream, or a Windows without poll
        return False


if __name__ == "__main__":
    sys.exit(main())
