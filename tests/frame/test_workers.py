"""A file's tests keep to one worker, where they share what is costly."""


def test_the_name_of_a_test_says_its_group_where_tests_are_shared_out_by_groups(request):
    # A version of pytest that xdist does not know leaves the name as it is, and the file's tests
    # are dealt out one by one: twice the time, and no test fails of it but this one.
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@tests/frame/test_workers.py")


def test_what_takes_longest_begins_first(request, checkout):
    longest = request.config.pluginmanager.get_plugin(str(checkout / "tests/conftest.py")).LONGEST
    assert [name for name in longest if not (checkout / name).is_file()] == []
    files = list(dict.fromkeys(item.nodeid.partition("::")[0] for item in request.session.items))
    begun = [name for name in longest if name in files]
    assert files[: len(begun)] == begun
