"""As `counted.py`, with OpenTelemetry's meters read by a scrape of Prometheus."""
import pathlib
import runpy

from opentelemetry import metrics
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider

metrics.set_meter_provider(MeterProvider([PrometheusMetricReader()]))
runpy.run_path(str(pathlib.Path(__file__).with_name("counted.py")))
