"""Move a slider of a notebook that runs, as a browser does it, with whatever ipywidgets its kernel has."""

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

# The picture as the kernel has it now; each release of ipywidgets keeps its widgets somewhere else.
PICTURES = "import gc, ipywidgets; print(*(w.value for w in gc.get_objects() if isinstance(w, ipywidgets.HTML)))"


def shown(client: NotebookClient) -> list[dict]:
    """Return the state of each slider that the notebook has shown."""
    models = client.nb.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    return [
        {**model["state"], "comm_id": key} for key, model in models.items() if model["model_name"] == "IntSliderModel"
    ]


def move(client: NotebookClient, name: str, value: int) -> str:
    """Move the slider of this name, and return the picture (HTML) that the kernel then shows."""
    (slider,) = [slider for slider in shown(client) if slider["description"] == name]
    data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
    session = client.kc.session
    client.kc.shell_channel.send(session.msg("comm_msg", {"comm_id": slider["comm_id"], "data": data}))
    return picture(client)


def picture(client: NotebookClient) -> str:
    """Return the picture (HTML) that the kernel shows."""
    client.nb.cells.append(new_code_cell(PICTURES))
    cell = client.execute_cell(client.nb.cells[-1], len(client.nb.cells) - 1)
    return "".join(output.text for output in cell.outputs)
