"""Two test files of one name, in folders that are no packages, stop the whole collection."""

from collections import Counter


def test_no_two_test_files_outside_packages_have_one_name(checkout):
    files = (checkout / "tests").rglob("test_*.py")
    loose = Counter(path.name for path in files if not (path.parent / "__init__.py").exists())
    assert [name for name, count in loose.items() if count > 1] == []
