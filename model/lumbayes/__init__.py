"""A Bayesian network for low back pain from a glute-hip muscle imbalance and its alternatives."""

from importlib.metadata import version

__version__ = version("lumbayes")
