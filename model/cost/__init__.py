"""What does it cost, in the cloud and on-premises, and when does owning pay?

Prices, cost lines, cash flow, depreciation, fiscal years, comparison, sensitivity, and the age of prices.
"""
