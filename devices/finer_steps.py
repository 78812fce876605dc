"""Frames of finer time steps: what brings a network trained on frames closer to an event chip."""

from dataclasses import replace

from eventstore.errors import InvalidInput
from eventstore.transforms.frames import FramesByBins, FramesByTime
from eventstore.transforms.pipeline import Pipeline


def finer_steps(pipeline: Pipeline, factor: int) -> Pipeline:
    """Return a pipeline whose frames are cut into so many times as many steps.

    Args:
        pipeline: ends in frames of equal bins or of windows of time.
        factor: 1 leaves it as it is.

    Raises:
        InvalidInput: it ends in something else, or in windows that the factor does not divide.

    Examples:
        >>> finer_steps(Pipeline(FramesByBins(n_bins=10)), 5).stages[-1]
        FramesByBins(n_bins=50)
    """
    if factor == 1:
        return pipeline
    *before, last = pipeline.stages
    if isinstance(last, FramesByBins):
        return Pipeline(*before, replace(last, n_bins=last.n_bins * factor))
    if not isinstance(last, FramesByTime):
        message = f"frames of {type(last).__name__} have no finer time steps"
        hint = "tune in the steps there are (finer 1), or train on FramesByBins or FramesByTime"
        raise InvalidInput(message, hint=hint)
    if last.window_us % factor:
        message = f"windows of {last.window_us} µs cannot be cut into {factor} equal ones"
        raise InvalidInput(message, hint=f"choose a factor that divides {last.window_us}")
    finer = replace(last, window_us=last.window_us // factor)
    if last.n_frames is not None:
        finer = replace(finer, n_frames=last.n_frames * factor)
    return Pipeline(*before, finer)
