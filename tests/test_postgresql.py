import os
import re

import pytest

from tests import postgresql


@pytest.mark.alone
@pytest.mark.skipif(postgresql.INNER in os.environ, reason="this is that run")
def test_suite_passes_on_postgresql(request):
    run = getattr(request.config, "second_run", None) or postgresql.SecondRun()
    code, said = run.wait(seconds=900)
    assert code == 0, said[-6000:]
    assert int(re.search(r"(\d+) passed", said).group(1)) > 10
    assert " skipped" not in said or "CONVIVIO_ALL_TESTS" not in os.environ
