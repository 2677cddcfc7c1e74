"""The shipped catalogue, for the tests of its records."""

import csv

from mitsumori import resources
from mitsumori.model.catalogue.catalogue import Catalogue

catalog = Catalogue.shipped()

KINDS = {
    "accelerators": catalog.accelerators,
    "servers": catalog.servers,
    "networks": catalog.networks,
    "storage": catalog.storage_systems,
    "cloud": catalog.cloud_instances,
    "cloud_storage": catalog.cloud_storage,
    "models": catalog.models,
    "cooling": catalog.cooling_methods,
    "tariffs": catalog.tariffs,
    "feeds": catalog.feeds,
    "utility_classes": catalog.utility_classes,
}


def rows(name):
    return csv.DictReader(resources.read_text("runs", name).splitlines())
