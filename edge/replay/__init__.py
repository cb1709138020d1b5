"""The edge's pipelines over recordings."""
