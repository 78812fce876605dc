"""What builders ask of the shape of their input."""

from collections.abc import Sequence

from eventstore.errors import InvalidInput, NotFound


def check_input(builder: str, input_shape: Sequence[int], axes: str) -> None:
    """Refuse inputs of another number of axes than a builder is for.

    Args:
        builder: name of the builder.
        input_shape: shape of one time step of one sample.
        axes: what it takes, such as ``"C"`` or ``"C, H, W"``.

    Raises:
        InvalidInput: there are more or fewer axes.

    Examples:
        >>> check_input("spiking_mlp", (64,), "C")
    """
    if len(input_shape) == len(axes.split(", ")):
        return
    message = f"{builder} takes time steps of shape ({axes}), not {tuple(input_shape)}"
    what = "rasters of audio" if axes == "C" else "frames of images"
    raise InvalidInput(message, hint=f"it is for {what}: use a recipe for this kind of data")


def check_choice(builder: str, name: str, value: str, known: Sequence[str]) -> None:
    """Refuse a name that is none of those an option takes.

    Raises:
        NotFound: it is none.

    Examples:
        >>> check_choice("synnet", "readout", "spikes", ("spikes", "potential"))
    """
    if value not in known:
        what = f"{name} of {builder}"
        raise NotFound.among(what, value, known)


def check_positive(builder: str, **values: float) -> None:
    """Refuse what is not above zero.

    Raises:
        InvalidInput: a value is not.

    Examples:
        >>> check_positive("synnet", n_tau=4)
    """
    for name, value in values.items():
        if not value > 0:
            message = f"{name}={value!r} of {builder} is not above 0"
            raise InvalidInput(message, hint="times are in seconds, sizes whole numbers from 1")
