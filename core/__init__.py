"""The cellar: small things without models or addresses that two rooms need alike."""
