"""Names of the details that the core gives with its results: power, cables, storage, totals."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.words.translation import marked

_N = marked

DETAILS = {
    "other_kw": _N("Words", "Network and storage power"),
    "average_kw": _N("Words", "Average power of a server"),
    "max_kw": _N("Words", "Maximum power of a server"),
    "idle_kw": _N("Words", "Idle power of a server"),
    "compute_kw": _N("Words", "Power of the servers"),
    "it_kva": _N("Words", "Apparent power of the IT"),
    "total_racks": _N("Words", "Racks in all"),
    "per_million_tokens": _N("Words", "Cost per million tokens"),
    "per_useful_gpu_hour": _N("Words", "Cost per useful GPU hour"),
    "per_training": _N("Words", "Cost per training"),
    "npv": _N("Words", "Present value"),
    "npv_saving": _N("Words", "Saving, present value"),
    "saving": _N("Words", "Saving of owning"),
    "internal_rate_of_return": _N("Words", "Rate of return"),
    "discounted_break_even_month": _N("Words", "Break-even, discounted"),
    "air_m3_per_h_rack": _N("Words", "Air through a rack"),
    "break_even_month": _N("Words", "Break-even month"),
    "cable_ends": _N("Words", "Cable ends"),
    "cable_server_max_m": _N("Words", "Longest server cable"),
    "cable_server_mean_m": _N("Words", "Mean server cable"),
    "cable_spine_mean_m": _N("Words", "Mean spine cable"),
    "cable_total_m": _N("Words", "Cables in all"),
    "cables": _N("Words", "Cables"),
    "capacity_bytes": _N("Words", "Storage capacity needed"),
    "checkpoint_bytes": _N("Words", "Size of a checkpoint"),
    "checkpoint_s": _N("Words", "Time of a checkpoint"),
    "co2_kg_per_kwh": _N("Words", "CO₂ of electricity"),
    "compared_total": _N("Words", "Total that is compared"),
    "consumption_tax": _N("Words", "Consumption tax"),
    "cooling_and_losses_kw": _N("Words", "Cooling, UPS and losses"),
    "cooling_kw": _N("Words", "Power of the cooling"),
    "core": _N("Words", "Core switches"),
    "dataset_bytes": _N("Words", "Size of the data set"),
    "electrical_losses_kw": _N("Words", "Electrical losses"),
    "facility_average_kw": _N("Words", "Average power of the hall"),
    "fullest": _N("Words", "Servers in the fullest rack"),
    "generator_kva": _N("Words", "Generator capacity"),
    "goodput": _N("Words", "Goodput"),
    "hall_air_kw": _N("Words", "Heat to air in the hall"),
    "hall_cooling_kw_left": _N("Words", "Cooling left in the hall"),
    "hall_kva_left": _N("Words", "Apparent power left in the hall"),
    "hall_liquid_kw": _N("Words", "Heat to liquid in the hall"),
    "hall_racks_left": _N("Words", "Rack places left in the hall"),
    "interval_s": _N("Words", "Time between checkpoints"),
    "it_average_kw": _N("Words", "Average power of the IT"),
    "it_kwh_per_year": _N("Words", "Energy of the IT a year"),
    "known_part": _N("Words", "Known part of the total"),
    "leaf": _N("Words", "Leaf switches"),
    "liquid_heat_fraction": _N("Words", "Share of heat to liquid"),
    "liquid_share": _N("Words", "Share of liquid cooling"),
    "mtbf_s": _N("Words", "Mean time between failures"),
    "optics": _N("Words", "Optical modules"),
    "optics_kw": _N("Words", "Power of the optics"),
    "other_share": _N("Words", "Share of network and storage power"),
    "oversubscription": _N("Words", "Oversubscription"),
    "point_kg_m2": _N("Words", "Floor load at the feet"),
    "price_share": _N("Words", "Network price as a share of the servers"),
    "provisioned_kw": _N("Words", "Power planned for a server"),
    "psu_surviving_kw": _N("Words", "Power after the loss of a feed"),
    "refrigeration_tons": _N("Words", "Refrigeration capacity"),
    "spare": _N("Words", "Spare share"),
    "spine": _N("Words", "Spine switches"),
    "spread_kg_m2": _N("Words", "Floor load spread over the bay"),
    "storage_pb": _N("Words", "Storage built"),
    "storage_switches": _N("Words", "Storage switches"),
    "switch_kw": _N("Words", "Power of the switches"),
    "switches": _N("Words", "Switches"),
    "tiers": _N("Words", "Tiers of the network"),
    "total_with_tax": _N("Words", "Total with consumption tax"),
    "units": _N("Words", "Storage units"),
    "ups_kva": _N("Words", "UPS capacity"),
    "water_l_per_min": _N("Words", "Water flow of the hall"),
    "water_l_per_min_rack": _N("Words", "Water flow of a rack"),
    "weight_kg": _N("Words", "Weight of the fullest rack"),
    "write_bytes_per_s": _N("Words", "Write rate needed"),
    "wue": _N("Words", "WUE"),
}


def detail_name(name: str) -> str:
    """A detail of the facility, network, storage or money; its own name where there is no better word."""
    source = DETAILS.get(name)
    return name.replace("_", " ") if source is None else QCoreApplication.translate("Words", source)
