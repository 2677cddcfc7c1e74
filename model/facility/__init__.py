"""Which racks, power and cooling does the cluster need?

Server power, cooling options, rack placement and elevation, support racks with fabric and storage, the hall and its year.
"""
