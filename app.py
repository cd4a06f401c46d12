"""Streamlit entry: navigation, nothing else."""

import streamlit as st

from lumbayes.app import pages

st.set_page_config(page_title="Lumbayes", page_icon="🩺", layout="wide")
pages.run()
