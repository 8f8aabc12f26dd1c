"""Processes of a campaign are forked from a warm one, so that they start in no time."""

from __future__ import annotations

import multiprocessing


context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["tests.torture.warm"])
