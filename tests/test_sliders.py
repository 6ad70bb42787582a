"""Week 2's sliders in a kernel, with the ipywidgets of this environment (that of Colab: tests/colab/on_colab.py)."""

import os

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from tests import sliders
from tools.lessons import ROOT


@pytest.fixture(scope="module")
def client():
    """A notebook that shows the sliders, its kernel still running."""
    cells = [
        "from course_utils import setup\nfrom course_utils.weeks import week02\nsetup()",
        "week02.explore_positions()",
    ]
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}})
    with client.setup_kernel(env={**os.environ, "COURSE_STATIC": ""}):
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
        client.set_widgets_metadata()
        yield client


def test_a_widget_is_shown_and_nothing_on_stderr(client):
    outputs = [output for cell in client.nb.cells[:2] for output in cell.outputs]
    assert "application/vnd.jupyter.widget-view+json" in outputs[-1].data
    assert all(output.get("name") != "stderr" for output in outputs)
    assert [slider["description"] for slider in sliders.shown(client)][:2] == ["size", "kernel"]


def test_moving_a_slider_changes_the_picture(client):
    assert "9 by 9" in sliders.picture(client)
    assert "moved by 3" in sliders.move(client, "stride", 3)
