"""`make package`: dist/dawnwatch.zip, the same unpacked in build/package, and how large they are."""

import argparse
import hashlib
import sys
from pathlib import Path

from tools.packaging.archive import write_folder, write_zip
from tools.packaging.build import build
from tools.packaging.errors import PackageError, RegistryError

ROOT = Path(__file__).parents[2]
UNREACHABLE = 75  # EX_TEMPFAIL of sysexits.h: another time it may go well


def main() -> int:
    """Build the package of this work tree. Exit status 1: it cannot be built; 75: the registry cannot be reached."""
    parser = argparse.ArgumentParser(prog="python -m tools.packaging", description="Build the package for Azure.")
    parser.add_argument("--out", type=Path, default=ROOT, help="where dist/ and build/ are made (default: here)")
    parser.add_argument("--wheels", type=Path, default=ROOT / "build" / "wheels", help="where fetched wheels are kept")
    asked = parser.parse_args()
    archive, folder = asked.out / "dist" / "dawnwatch.zip", asked.out / "build" / "package"
    try:
        tree = build(ROOT, asked.wheels)
    except PackageError as error:
        print(error, file=sys.stderr)
        return UNREACHABLE if isinstance(error, RegistryError) else 1
    write_zip(tree, archive)
    write_folder(tree, folder)
    packed, unpacked = (f"{size / 1e6:.1f} MB" for size in (archive.stat().st_size, sum(map(len, tree.values()))))
    print(f"{archive.relative_to(asked.out)}: {packed}; {len(tree):,} files, {unpacked} unpacked")
    print(f"SHA-256 {hashlib.sha256(archive.read_bytes()).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
