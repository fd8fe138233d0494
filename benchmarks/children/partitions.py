"""Groups the same rows by scikit-learn; runs in an environment of its own."""

import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans


def grouped(rows: str, method: str, k: int) -> dict[str, Any]:
    """Seconds, the highest memory, labels. k: how many groups there are, for those who ask."""
    loaded = np.load(rows)
    makers = {
        "k-means": lambda: KMeans(k, n_init=1, random_state=7),
        "average linkage": lambda: AgglomerativeClustering(k, metric="cosine", linkage="average"),
        "HDBSCAN": lambda: HDBSCAN(min_cluster_size=5, copy=True),
    }
    began = time.perf_counter()
    labels = makers[method]().fit_predict(loaded)
    seconds = time.perf_counter() - began
    noise = float((labels < 0).mean())
    return {
        "seconds": seconds,
        "mb": _highest_mb(),
        "noise": noise,
        "labels": _placed(loaded, labels).tolist(),
    }


def _placed(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Noise to the nearest centre, for every keyword must be somewhere."""
    if labels.max() < 0:
        return labels
    middle = np.stack([rows[labels == label].mean(axis=0) for label in range(labels.max() + 1)])
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    return np.where(labels < 0, (rows @ middle.T).argmax(axis=1), labels)


def _highest_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    from benchmarks.children.orders import serve

    serve(grouped=grouped)
