"""A file's tests keep to one worker, where they share what is costly."""


def test_the_name_of_a_test_says_its_group_where_tests_are_shared_out_by_groups(request):
    # A version of pytest that xdist does not know leaves the name as it is, and the file's tests
    # are dealt out one by one: twice the time, and no test fails of it but this one.
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@tests/frame/test_workers.py")
