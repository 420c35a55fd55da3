"""What is known of the raw files: the recipe that a sensible user writes for each, and the dirts that are named of it."""

from __future__ import annotations

import pandas as pd
from raw_dirts import Case, Count, Dirt, Fact, Raw, all_rows, equal, has_names, keeps_levels, missing, present, rare, repeated

from lepton_automl.data import Dataset

FLAGS = ("TWF", "HDF", "PWF", "OSF", "RNF")
SERVICES = ("OnlineSecurity", "OnlineBackup", "DeviceProtection", "TechSupport", "StreamingTV", "StreamingMovies")
GERMAN_TEXTS = ("credit_history", "purpose", "property", "personal_status_and_sex", "telephone", "present_employment_since")
AI4I = ("Air temperature [K]", "Process temperature [K]", "Rotational speed [rpm]", "Torque [Nm]", "Tool wear [min]")
AI4I_DIRTS: tuple[Dirt | Fact, ...] = (
    Dirt("byte-order mark", "LOAD001"),
    Fact("units in the column names", has_names(*AI4I)),
    Dirt("an identifier that counts rows", "GOV006", "UDI", "column dropped", all_rows),
    Dirt("an identifier of letters and digits", "GOV006", "Product ID", "column dropped", all_rows),
)


def flagged(name: str) -> Count:
    """Counts training rows that have a flag."""
    return lambda raw: int((raw.train[name] == "1").sum())


def unknown_genre(raw: Raw) -> int:
    """Counts films that have a year and no genre."""
    has_year = pd.to_numeric(raw.whole["release_year:token"], errors="coerce").notna()
    return int((raw.whole["class:token_seq"][has_year] == "unknown").sum())


def few_fail(raw: Raw, data: Dataset) -> bool:
    """Says whether fewer than one in ten rows with random failures count as failures, and the column is left."""
    return "RNF" in data.names and (raw.whole["Machine_failure"][raw.whole["RNF"] == "1"] == "1").mean() < 0.1


def retail(country: str, more: tuple[Dirt | Fact, ...]) -> Case:
    """Order lines of a country: what a unit costs, returned goods left out."""
    contract = {"columns": {"Quantity": {"min": 1, "action": "drop"}}}
    return Case(
        f"online_retail_{country}",
        {"source": f"online_retail_orders/raw/{country}.csv"},
        {
            "data": {"kinds": {"CustomerID": "category"}, "roles": {"id": ["InvoiceNo"]}},
            "task": {"kind": "regression", "target": "UnitPrice"},
            "governance": {"rules": {"contract": contract}},
        },
        (
            Dirt(
                "cancellations: a negative quantity",
                "GOV009",
                "Quantity",
                "rows dropped",
                lambda raw: int((pd.to_numeric(raw.whole["Quantity"]) < 1).sum()),
            ),
            Dirt("m/d/yyyy dates with hours, as text", "LOAD025", "InvoiceDate", "values rewritten", all_rows),
            Dirt(
                "blanks around descriptions",
                "LOAD026",
                "Description",
                "values rewritten",
                lambda raw: int((raw.whole["Description"] != raw.whole["Description"].str.strip()).sum()),
            ),
            Dirt("customer numbers that are no amounts", "LOAD029", "CustomerID", "noted", all_rows),
            Dirt("one country only", "GOV003", "Country", "column dropped", lambda raw: all_rows(raw) - cancelled(raw)),
            *more,
        ),
        dates={"InvoiceDate": "%m/%d/%Y %H:%M"},
    )


def cancelled(raw: Raw) -> int:
    """Counts order lines that take goods back."""
    return int((pd.to_numeric(raw.whole["Quantity"]) < 1).sum())


def daily(lines: pd.DataFrame) -> pd.DataFrame:
    """Adds order lines up to what is sold of each product on each day, days without a sale included."""
    sold = lines.groupby(["name", "date"]).size()
    every = pd.date_range(lines["date"].min(), lines["date"].max()).strftime("%Y-%m-%d")
    days = pd.Index(every, name="date")
    names = pd.Index(sorted(lines["name"].unique()), name="name")
    whole = sold.reindex(pd.MultiIndex.from_product([names, days]), fill_value=0).rename("sold").reset_index()
    kinds = lines.drop_duplicates("name").set_index("name")["type"]
    return whole.assign(type=whole["name"].map(kinds), sold=whole["sold"].astype(str))[["name", "type", "date", "sold"]]


PIZZA = """
SELECT n.name, n.type, d.date, count(o.id) AS sold
FROM (SELECT name, any_value(type) AS type FROM orders GROUP BY name) n
CROSS JOIN (SELECT unnest(generate_series(min(date), max(date), INTERVAL 1 DAY)) AS date FROM orders) d
LEFT JOIN orders o ON o.name = n.name AND o.date = d.date
GROUP BY n.name, n.type, d.date ORDER BY n.name, d.date
"""

CASES: tuple[Case, ...] = (
    Case(
        "california_housing",
        {"source": "california_housing/raw/housing.csv"},
        {"task": {"kind": "regression", "target": "median_house_value"}},
        (
            Dirt("missing values", "GOV005", "total_bedrooms", "noted", missing("total_bedrooms")),
            Dirt(
                "a capped target",
                "GOV033",
                "",
                "noted",
                lambda raw: int((pd.to_numeric(raw.train["median_house_value"]) == 500_001).sum()),
            ),
        ),
    ),
    Case(
        "employee_salaries",
        {"source": "employee_salaries/raw/employee_salaries.csv"},
        {"task": {"kind": "regression", "target": "current_annual_salary"}},
        (
            Dirt("m/d/yyyy dates as text", "LOAD025", "date_first_hired", "values rewritten", present("date_first_hired")),
            Dirt("443 job titles", "GOV024", "employee_position_title", "noted", rare("employee_position_title")),
            Dirt("694 divisions", "GOV024", "division", "noted", rare("division")),
        ),
        dates={"date_first_hired": "%m/%d/%Y"},
    ),
    Case(
        "financial_phrasebank",
        {"source": "financial_phrasebank/raw/all-data.csv"},
        {"task": {"kind": "multiclass", "target": "result"}},
        (
            Dirt("Latin-1 encoding", "LOAD001"),
            Fact("label first", keeps_levels("result")),
            Dirt("a few duplicates", "GOV008", "", "noted", repeated("content")),
        ),
        encoding="cp1252",
    ),
    Case(
        "german_credit",
        {"source": "german_credit/raw/germancredit.csv"},
        {"task": {"kind": "binary", "target": "creditability", "positive": "bad"}},
        (Fact("readable labels with commas and dots inside them", keeps_levels(*GERMAN_TEXTS)),),
    ),
    Case(
        "heart_disease",
        {"source": "heart_disease/raw/heart_disease.csv"},
        {
            "data": {
                "kinds": dict.fromkeys(("chest pain type", "resting electrocardiographic results", "thal"), "category"),
            },
            "task": {"kind": "binary", "target": "Disease"},
        },
        (
            Dirt("byte-order mark", "LOAD001"),
            Dirt(
                "column names with trailing spaces",
                "LOAD005",
                "",
                "names stripped",
                lambda raw: sum(name != name.strip() for name in raw.whole.attrs["names"]),
            ),
            Dirt("categories coded as numbers", "LOAD029", "chest pain type", "noted", all_rows),
            Dirt("categories coded as numbers", "LOAD029", "resting electrocardiographic results", "noted", all_rows),
            Dirt("categories coded as numbers", "LOAD029", "thal", "noted", all_rows),
        ),
    ),
    Case(
        "hotel_reviews_zh",
        {"source": "hotel_reviews_zh/raw/hotel_reviews_zh.csv"},
        {"task": {"kind": "binary", "target": "label"}},
        (
            Fact("quotes and commas inside the text", lambda raw, data: len(data) == len(raw.whole)),
            Dirt("one empty review", "GOV005", "review", "noted", missing("review")),
        ),
    ),
    Case(
        "intent_clinc150",
        {"source": "intent_clinc150/raw/clinc150.csv"},
        {"data": {"roles": {"evaluation_only": ["part"]}}, "task": {"kind": "multiclass", "target": "intent"}},
        (
            Dirt("the part, which tells what is out of scope", "GOV002", "part"),
            Fact("out-of-scope rows have the intent oos", keeps_levels("intent")),
        ),
    ),
    Case(
        "intent_clinc150_as_it_comes",
        {"source": "intent_clinc150/raw/clinc150.csv"},
        {"task": {"kind": "multiclass", "target": "intent"}},
        (
            Dirt(
                "the part, which tells what is out of scope",
                "GOV007",
                "part",
                "noted",
                lambda raw: int((raw.train["intent"] == "oos").sum()),
            ),
        ),
    ),
    Case(
        "machine_failure_ai4i",
        {"source": "machine_failure_ai4i/raw/ai4i2020.csv"},
        {"task": {"kind": "binary", "target": "Machine_failure"}},
        (
            *AI4I_DIRTS,
            *(Dirt("failure mode that leaks", "GOV012", flag, "noted", flagged(flag)) for flag in FLAGS[:4]),
            Fact("a fifth failure mode (RNF), of which few rows fail here: it gives nothing away", few_fail),
        ),
    ),
    Case(
        "machine_failure_ai4i_declared",
        {"source": "machine_failure_ai4i/raw/ai4i2020.csv"},
        {
            "task": {"kind": "binary", "target": "Machine_failure"},
            "governance": {"rules": {"post_outcome": {"columns": list(FLAGS)}}},
        },
        (*AI4I_DIRTS, *(Dirt("failure mode, declared", "GOV013", flag, "column dropped", all_rows) for flag in FLAGS)),
    ),
    Case(
        "movielens_ratings",
        {"source": "movielens_100k/raw/ml-100k.inter.tsv"},
        {
            "data": {"kinds": {"user_id:token": "category", "item_id:token": "category", "timestamp:float": "datetime"}},
            "split": {"time": "timestamp:float"},
            "task": {"kind": "regression", "target": "rating:float"},
        },
        (
            Fact("tab separated", lambda raw, data: len(data.names) == 4),
            Dirt("typed header", "LOAD014", "", "noted", lambda raw: raw.whole.shape[1]),
            Dirt("users are tokens, no amounts", "LOAD029", "user_id:token", "noted", all_rows),
            Dirt("items are tokens, no amounts", "LOAD029", "item_id:token", "noted", all_rows),
            Dirt("Unix times", "LOAD025", "timestamp:float", "values rewritten", all_rows),
        ),
        dates={"timestamp:float": "s"},
    ),
    Case(
        "movielens_ratings_as_it_comes",
        {"source": "movielens_100k/raw/ml-100k.inter.tsv"},
        {"task": {"kind": "regression", "target": "rating:float"}},
        (
            Dirt("typed header", "LOAD014", "", "noted", lambda raw: raw.whole.shape[1]),
            Dirt("Unix times that nobody declares", "LOAD027", "timestamp:float", "noted", all_rows),
        ),
    ),
    Case(
        "movielens_films",
        {"source": "movielens_100k/raw/ml-100k.item.tsv"},
        {
            "data": {"roles": {"id": ["item_id:token"]}, "kinds": {"movie_title:token_seq": "text"}},
            "task": {"kind": "regression", "target": "release_year:token", "missing_target": "drop"},
        },
        (
            Dirt("typed header", "LOAD014", "", "noted", lambda raw: raw.whole.shape[1]),
            Dirt(
                "years that are no numbers",
                "LOAD022",
                "release_year:token",
                "values set missing",
                lambda raw: int(pd.to_numeric(raw.whole["release_year:token"], errors="coerce").isna().sum()),
            ),
            Dirt(
                "films without a year",
                "GOV001",
                "",
                "rows dropped",
                lambda raw: int(pd.to_numeric(raw.whole["release_year:token"], errors="coerce").isna().sum()),
            ),
            Dirt("films of an unknown genre, those with a year", "GOV018", "class:token_seq", "noted", unknown_genre),
        ),
    ),
    retail(
        "france",
        (
            Dirt(
                "missing customers",
                "GOV005",
                "CustomerID",
                "noted",
                lambda raw: int(raw.whole["CustomerID"][pd.to_numeric(raw.whole["Quantity"]) >= 1].isna().sum()),
            ),
        ),
    ),
    retail("germany", (Dirt("byte-order mark", "LOAD001"),)),
    Case(
        "online_retail_france_as_it_comes",
        {"source": "online_retail_orders/raw/france.csv"},
        {"task": {"kind": "regression", "target": "UnitPrice"}},
        (
            Dirt(
                "cancellations that nobody declares",
                "GOV034",
                "Quantity",
                "noted",
                lambda raw: int((pd.to_numeric(raw.train["Quantity"]) < 0).sum()),
            ),
            Dirt("missing customers", "GOV005", "CustomerID", "noted", missing("CustomerID")),
        ),
        dates={"InvoiceDate": "%m/%d/%Y %H:%M"},
    ),
    Case(
        "pizza_orders",
        {"orders": "pizza_sales/raw/pizza_orders.csv"},
        {
            "data": {"query": PIZZA},
            "task": {"kind": "forecast", "target": "sold", "time": "date", "series": ["name"], "horizon": 28, "season": 7}
            | {"known_future": ["type"]},
        },
        (
            Dirt("order lines with date and time", "LOAD012", "orders", "rows read", lambda raw: raw.whole.attrs["lines"]),
            Dirt("to be added up to daily demand", "LOAD013", "", "rows read", all_rows),
            Fact(
                "nothing is lost in adding up",
                lambda raw, data: int(data.values("sold").sum()) == int(raw.whole.attrs["lines"]),
            ),
        ),
        dates={"date": "%Y-%m-%d"},
        read=daily,
    ),
    Case(
        "stroke",
        {"source": "stroke/raw/healthcare-stroke-dataset.csv"},
        {"task": {"kind": "binary", "target": "stroke"}},
        (
            Dirt("N/A in bmi", "LOAD021", "bmi", "values set missing", equal("bmi", "N/A")),
            Dirt("an empty last column without a name", "LOAD008", "column_13", "column named", lambda raw: 1),
            Dirt("an empty last column", "GOV003", "column_13", "column dropped", all_rows),
            Dirt("an id", "GOV006", "id", "column dropped", all_rows),
        ),
    ),
    Case(
        "telco_churn",
        {"source": "telco_churn/raw/Telco-Customer-Churn.csv"},
        {"task": {"kind": "binary", "target": "Churn", "positive": "Yes"}},
        (
            Dirt("customer ids", "GOV006", "customerID", "column dropped", all_rows),
            Dirt("blanks in TotalCharges", "LOAD021", "TotalCharges", "values set missing", equal("TotalCharges", "")),
            Fact("three-valued service columns", keeps_levels(*SERVICES, "MultipleLines")),
        ),
    ),
    Case(
        "titanic",
        {"source": "titanic/raw/titanic.csv"},
        {
            "task": {"kind": "binary", "target": "Survived"},
            "governance": {"rules": {"pii": {"actions": {"Ticket": "mask", "Cabin": "mask"}}}},
        },
        (
            Dirt("names", "GOV010", "Name", "column dropped", present("Name")),
            Dirt("tickets", "GOV010", "Ticket", "values changed", present("Ticket")),
            Dirt("cabins", "GOV010", "Cabin", "values changed", present("Cabin")),
            Dirt("missing ages", "GOV005", "Age", "noted", missing("Age")),
            Dirt("an id", "GOV006", "PassengerId", "column dropped", all_rows),
        ),
    ),
    Case(
        "walmart_weekly_sales",
        {"source": "walmart_weekly_sales/raw/Walmart_Store_sales.csv"},
        {
            "task": {"kind": "forecast", "target": "Weekly_Sales", "time": "Date", "series": ["Store"], "horizon": 13}
            | {"known_future": ["Holiday_Flag"]},
        },
        (Dirt("dd-mm-yyyy dates, of which some read as mm-dd", "LOAD025", "Date", "values rewritten", all_rows),),
        dates={"Date": "%d-%m-%Y"},
    ),
)
"""The files, with what is known of them."""
