"""L1: the bytes of rules/ -> RuleBook. Dated, sourced values; controls; formats; bank profiles."""
